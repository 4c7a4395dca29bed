/** Collects the syscalls of a crank, and notices when there are too many. */
import type { CapData } from '@ocap/kernel-utils';
import type { Syscall, VatLimits } from './protocol.ts';

export const makeCrankRecord = (limits: VatLimits) => {
  let syscalls: Syscall[] = [];
  let bytes = 0;
  let exceeded: string | undefined;

  const note = (limit: keyof VatLimits): string =>
    (exceeded ??= `it went beyond the limit ${limit} (${limits[limit]})`);
  const exceed = (limit: keyof VatLimits): never => {
    throw Error(note(limit));
  };
  const count = (length: number): void => {
    bytes += length;
    if (bytes > limits.crankBytes) {
      exceed('crankBytes');
    }
  };
  const countData = (data: CapData): void => {
    count(data.body.length);
    if (data.slots.length > limits.messageSlots) {
      exceed('messageSlots');
    }
  };
  return {
    begin: () => {
      syscalls = [];
      bytes = 0;
      exceeded = undefined;
    },
    note,
    count,
    add: (syscall: Syscall) => {
      if (syscalls.length >= limits.crankSyscalls) {
        exceed('crankSyscalls');
      }
      if (syscall[0] === 'send') {
        countData(syscall[2]);
      } else if (syscall[0] === 'resolve') {
        syscall[1].forEach(([, , data]) => countData(data));
      }
      syscalls.push(syscall);
    },
    end: () => ({ syscalls, exceeded }),
  };
};
