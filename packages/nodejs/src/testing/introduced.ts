/**
 * Three kernels with one vat each: the owner of an object, an introducer who has
 * it, and a third to whom the introducer passes it. What the vats know they have
 * in their baggage, so that it is there after restarts.
 */
import type { KRef, LimitValues } from '@ocap/kernel-utils';
import { expect } from 'vitest';
import { openLinkedKernels, share } from './linked-kernels.ts';
import type { MemoryNetwork } from './memory-network.ts';
import type { TestKernel } from './test-kernel.ts';

const owner = `
  const keep = (key, value) => { baggage.has(key) ? baggage.set(key, value) : baggage.init(key, value); };
  if (!baggage.has('thing')) {
    keep('thing', VatData.makeKindHandle('Thing'));
    keep('notes', harden([]));
  }
  const makeThing = VatData.defineDurableKind(baggage.get('thing'), (label) => ({ label }), {
    label: ({ state }) => state.label,
    note: (_, ...words) => { keep('notes', harden([...baggage.get('notes'), words.length > 1 ? words : words[0]])); },
    self: ({ self }) => self,
    echo: (_, value) => value,
    is: ({ self }, other) => self === other,
    callIt: (_, other, method, ...args) => E(other)[method](...args),
  });
  return makeDefaultExo('Owner', {
    make: (label) => makeThing(label),
    notes: () => baggage.get('notes'),
    hello: () => 'hello',
  });`;

/** Of the introducer and of the third. */
const holder = `
  const keep = (key, value) => { baggage.has(key) ? baggage.set(key, value) : baggage.init(key, value); };
  let kits = {};
  return makeDefaultExo('Holder', {
    keep: (key, value) => { keep(key, value); },
    get: (key) => baggage.get(key),
    drop: (key) => { baggage.delete(key); },
    make: (from, key) => E(from).make(key).then((thing) => { keep(key, thing); }),
    give: (to, key) => E(to).keep(key, baggage.get(key)),
    callIt: (key, method, ...args) => E(baggage.get(key))[method](...args),
    sendIt: (key, method, ...args) => { E.sendOnly(baggage.get(key))[method](...args); },
    later: () => { const kit = makePromiseKit(); kits.last = kit; return kit.promise; },
    settle: (key) => { kits.last.resolve(baggage.get(key)); },
    same: (one, other) => baggage.get(one) === baggage.get(other),
    stream: async (key, from, count, every) => {
      let last;
      for (let n = from; n < from + count; n += 1) {
        last = E(baggage.get(key)).note(n);
        if (n % every === 0) await last;
      }
      await last;
    },
    throughPromise: async (introducer, key, count) => {
      const p = E(introducer).later();
      for (let n = 0; n < count; n += 1) E(p).note(n);
      const settled = E(introducer).settle(key);
      const x = await p;
      for (let n = count; n < 2 * count; n += 1) E(x).note(n);
      await E(x).note(2 * count);
      await settled;
      return x === baggage.get(key);
    },
  });`;

export type Introduced = Readonly<{
  network: MemoryNetwork;
  /** The introducer, the owner, and the third. */
  a: TestKernel;
  b: TestKernel;
  c: TestKernel;
  peerIds: readonly string[];
  roots: Readonly<Record<'a' | 'b' | 'c', KRef>>;
  /** What each of the introducer's vat knows of the others. */
  ownerAtA: KRef;
  thirdAtA: KRef;
  introducerAtC: KRef;
  /** Has the owner make a thing, and the introducer have it under that name. */
  make(key: string): Promise<void>;
  /** Has the introducer pass it to the third. */
  give(key: string): Promise<void>;
  /** Has the third call it. */
  use(key: string, method: string, ...args: unknown[]): Promise<unknown>;
  notes(): Promise<unknown>;
}>;

export const openIntroduced = async (
  limits: Partial<LimitValues> = {},
): Promise<Introduced> => {
  const { network, kernels, peerIds } = await openLinkedKernels(3, limits);
  const [a, b, c] = kernels as [TestKernel, TestKernel, TestKernel];
  const roots = {
    a: await a.launch(holder),
    b: await b.launch(owner),
    c: await c.launch(holder),
  };
  const ownerAtA = await share(b, roots.b, a);
  const thirdAtA = await share(c, roots.c, a);
  const introducerAtC = await share(a, roots.a, c);
  return {
    network,
    a,
    b,
    c,
    peerIds,
    roots,
    ownerAtA,
    thirdAtA,
    introducerAtC,
    make: async (key) => {
      await a.call(roots.a, 'make', { '@ref': ownerAtA }, key);
    },
    give: async (key) => {
      await a.call(roots.a, 'give', { '@ref': thirdAtA }, key);
    },
    use: async (key, method, ...args) =>
      c.call(roots.c, 'callIt', key, method, ...args),
    notes: async () => b.call(roots.b, 'notes'),
  };
};

const rows = (t: TestKernel, sql: string) => t.kernel.executeDBQuery(sql);

/** How many objects the third reaches without the introducer. */
export const shortcuts = (t: TestKernel): number =>
  rows(t, 'SELECT * FROM shortcuts WHERE direct IS NULL').length;

export const introductions = (
  t: TestKernel,
): readonly Record<string, unknown>[] =>
  rows(t, 'SELECT * FROM introductions ORDER BY kref');

/** Resolves when the introducer knows that so many paths are short. */
export const shortened = async (
  { a, c }: Pick<Introduced, 'a' | 'c'>,
  count = 1,
): Promise<void> => {
  await expect
    .poll(
      () => [
        shortcuts(c),
        introductions(a).filter(({ token }) => token === null).length,
      ],
      { timeout: 15_000 },
    )
    .toStrictEqual([count, count]);
};

/** Frames that one peer sends from now on. */
export const sentBy = (
  { network }: Pick<Introduced, 'network'>,
  peerId: string | undefined,
): (() => readonly string[]) => {
  const before = network.sent.length;
  return () =>
    network.sent
      .slice(before)
      .filter(({ from }) => from === peerId)
      .map(({ text }) => text);
};
