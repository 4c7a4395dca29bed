/** What the clients ask for: one random call at a time, on the banks' objects. */
import type { Json } from '@ocap/kernel-utils';
import type { Random } from '../support/random.ts';

export type Call = Readonly<{
  target: string;
  method: string;
  args: readonly Json[];
}>;

/** Names and purses by index; every one has a petname, so none can go. */
export type Bank = Readonly<{ name: string; purses: readonly string[] }>;

const ref = (name: string): Json => ({ '@ref': name });

export const makeWorkload = (
  random: Random,
  banks: readonly Bank[],
): ((client: string, number: number) => Call) => {
  const two = (): readonly [Bank, Bank] => {
    const first = random.pick(banks);
    return [first, random.pick(banks.filter((bank) => bank !== first))];
  };
  const amount = (): number => random.integer(1, 40);

  type Maker = (op: string) => Call;
  const pay =
    (method: string): Maker =>
    (op) => {
      const [here, there] = two();
      const [from, to] = [random.pick(here.purses), random.pick(there.purses)];
      return { target: from, method, args: [op, ref(to), amount()] };
    };
  const makers: readonly (readonly [weight: number, Maker])[] = [
    [4, pay('transfer')],
    [4, pay('transferAndGo')],
    [
      3,
      (op) => {
        const { purses } = random.pick(banks);
        const [from, to] = [random.pick(purses), random.pick(purses)];
        return { target: from, method: 'move', args: [op, ref(to), amount()] };
      },
    ],
    [
      3,
      (op) => {
        const [here, there] = two();
        const index = random.integer(0, there.purses.length - 1);
        return {
          target: random.pick(here.purses),
          method: 'transferLater',
          args: [op, ref(there.name), index, amount()],
        };
      },
    ],
    [
      3,
      (op) => {
        const [here, there] = two();
        const from = ref(random.pick(here.purses));
        const to = ref(random.pick(there.purses));
        const args = [op, random.integer(0, 4), from, to, amount()];
        return { target: here.name, method: 'pass', args };
      },
    ],
    [
      3,
      (op) => ({
        target: random.pick(banks).name,
        method: random.pick(['sendNotes', 'sendNotesLate']),
        args: [op, random.integer(1, 5)],
      }),
    ],
    [
      2,
      (op) => {
        const [here, there] = two();
        return { target: here.name, method: 'cross', args: [op, there.name] };
      },
    ],
    [
      2,
      (op) => {
        const [here, there] = two();
        return { target: here.name, method: 'share', args: [op, there.name] };
      },
    ],
    [
      2,
      (op) => {
        const [here, there] = two();
        const purse = ref(random.pick(there.purses));
        const args = [op, purse, random.integer(1, 6)];
        return { target: here.name, method: 'keep', args };
      },
    ],
    [
      2,
      (op) => ({ target: random.pick(banks).name, method: 'tidy', args: [op] }),
    ],
  ];
  const weighted = makers.flatMap(([weight, maker]) =>
    Array.from({ length: weight }, () => maker),
  );

  return (client, number) => {
    const op = `${client}-${number}`;
    // To one and the same object, so that the order of a client can be seen.
    return random.integer(1, 5) === 1
      ? { target: banks[0]?.name ?? '', method: 'note', args: [client, number] }
      : random.pick(weighted)(op);
  };
};
