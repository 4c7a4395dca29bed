/**
 * Collects what a crank asks for, syscalls and requests to the network, and
 * notices when it is too much.
 */
import type { CapData } from '@ocap/kernel-utils';
import { fetchRequestBytes, type FetchRequest } from './fetch-protocol.ts';
import type { Syscall, VatLimits } from './protocol.ts';

export const makeCrankRecord = (limits: VatLimits) => {
  let syscalls: Syscall[] = [];
  let fetches: FetchRequest[] = [];
  let fetchesAborted: number[] = [];
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
      fetches = [];
      fetchesAborted = [];
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
    addFetch: (request: FetchRequest) => {
      count(fetchRequestBytes(request));
      fetches.push(request);
    },
    abortFetch: (id: number) => {
      const others = fetches.filter((request) => request.id !== id);
      if (others.length < fetches.length) {
        fetches = others; // nobody has heard of it yet
      } else {
        fetchesAborted.push(id);
      }
    },
    end: () => ({
      syscalls,
      exceeded,
      requests: {
        ...(fetches.length > 0 ? { fetches } : {}),
        ...(fetchesAborted.length > 0 ? { fetchesAborted } : {}),
      },
    }),
  };
};
