/** What the clients ask for: one random call at a time, on the banks' objects. */
import type { Json } from '@ocap/kernel-utils';
import type { Random } from '../support/random.ts';
import type { SimKernel } from './sim-kernel.ts';

export type Call = Readonly<{
  target: string;
  method: string;
  args: readonly Json[];
}>;

type Purse = Readonly<{
  name: string;
  /** Kernels at which it has a name. */
  knownTo: Set<SimKernel>;
}>;

/** A vat and its purses. Every one has a petname, so none can go. */
export type Bank = Readonly<{
  home: SimKernel;
  /** Known to every kernel. */
  name: string;
  purses: readonly Purse[];
}>;

type Maker = (op: string) => Call;

const ref = (name: string): Json => ({ '@ref': name });

/** Of a client of this kernel. */
export type NextCall = (
  at: SimKernel,
) => (client: string, number: number) => Call;

export const makeWorkload = (
  random: Random,
  banks: readonly Bank[],
): NextCall => {
  const byKernel = new Map<SimKernel, readonly Maker[]>();
  return (at) => {
    const makers = byKernel.get(at) ?? makersAt(random, banks, at);
    byKernel.set(at, makers);
    return (client, number) =>
      // To one and the same object, so that the order of a client can be seen.
      random.integer(1, 5) === 1
        ? {
            target: banks[0]?.name ?? '',
            method: 'note',
            args: [client, number],
          }
        : random.pick(makers)(`${client}-${number}`);
  };
};

/** Each as often as it has weight. */
const makersAt = (
  random: Random,
  banks: readonly Bank[],
  at: SimKernel,
): readonly Maker[] => {
  const two = (): readonly [Bank, Bank] => {
    const first = random.pick(banks);
    return [first, random.pick(banks.filter((bank) => bank !== first))];
  };
  const anyName = (): string => random.pick(banks).name;
  const purseOf = ({ purses }: Bank): string =>
    random.pick(purses.filter(({ knownTo }) => knownTo.has(at))).name;
  const amount = (): number => random.integer(1, 40);

  const pay =
    (method: string): Maker =>
    (op) => {
      const [here, there] = two();
      return {
        target: purseOf(here),
        method,
        args: [op, ref(purseOf(there)), amount()],
      };
    };
  /** Of one bank, about another. */
  const about =
    (method: string): Maker =>
    (op) => {
      const [here, there] = two();
      return { target: here.name, method, args: [op, there.name] };
    };
  /**
   * Of one bank by way of a second about a third, which may be the second. Not
   * about the first: within a vat, what goes straight to an object overtakes what
   * goes by way of a promise for it.
   */
  const byWayOf =
    (method: string): Maker =>
    (op) => {
      const [here, there] = two();
      const third = random.pick(banks.filter((bank) => bank !== here));
      const args = [op, there.name, third.name, random.integer(1, 4)];
      return { target: here.name, method, args };
    };
  const move: Maker = (op) => {
    const bank = random.pick(banks);
    const args = [op, ref(purseOf(bank)), amount()];
    return { target: purseOf(bank), method: 'move', args };
  };
  const transferLater: Maker = (op) => {
    const [here, there] = two();
    const index = random.integer(0, there.purses.length - 1);
    return {
      target: purseOf(here),
      method: 'transferLater',
      args: [op, ref(there.name), index, amount()],
    };
  };
  const pass: Maker = (op) => {
    const [here, there] = two();
    const purses = [ref(purseOf(here)), ref(purseOf(there))];
    const args = [op, random.integer(0, 4), ...purses, amount()];
    return { target: here.name, method: 'pass', args };
  };
  const sendNotes: Maker = (op) => ({
    target: anyName(),
    method: random.pick(['sendNotes', 'sendNotesLate']),
    args: [op, random.integer(1, 5)],
  });
  const keep: Maker = (op) => {
    const [here, there] = two();
    const args = [op, ref(purseOf(there)), random.integer(1, 6)];
    return { target: here.name, method: 'keep', args };
  };
  const tidy: Maker = (op) => ({
    target: anyName(),
    method: 'tidy',
    args: [op],
  });

  const weighted: readonly (readonly [weight: number, Maker])[] = [
    [4, pay('transfer')],
    [4, pay('transferAndGo')],
    [3, move],
    [3, transferLater],
    [3, pass],
    [3, sendNotes],
    [3, byWayOf('sendNotesVia')],
    [3, byWayOf('handOn')],
    [2, about('cross')],
    [2, about('share')],
    [2, keep],
    [2, tidy],
  ];
  return weighted.flatMap(([weight, maker]) =>
    Array.from({ length: weight }, () => maker),
  );
};
