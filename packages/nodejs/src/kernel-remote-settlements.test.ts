import './daemon/lockdown.ts';
import { describe, expect, it } from 'vitest';
import { openLinkedKernels } from './testing/linked-kernels.ts';
import { call, data, hello, settle } from './testing/peer-frames.ts';
import type { TestKernel } from './testing/test-kernel.ts';

const stranger = '12D3KooWQK1wnefoLrcVHbbnf5tLzbopUd3K3bFAoJpA7YJgL5pV';

/** Sends a message to a result that is not there yet: what it settles to is held back. */
const pipeliner = `
  return makeDefaultExo('Pipeliner', {
    ask: (other) => { E(E(other).get()).hi().catch(() => undefined); return 'asked'; },
  });`;

/** A peer that was asked for something (`p-2` to it), and has not seen that it was sent more. */
const openAsked = async () => {
  const { network, kernels, peerIds } = await openLinkedKernels(1);
  const [a] = kernels as [TestKernel];
  const { url } = await a.kernel.issueOcapURL(await a.launch(pipeliner));
  const token = url.slice('ocap:'.length).split('@')[0];
  const { link, received, closed } = network.connectAs(
    stranger,
    peerIds[0] ?? '',
  );
  const hears = async (pattern: RegExp): Promise<void> =>
    expect.poll(() => received.join('\n')).toMatch(pattern);
  link.send(hello());
  link.send(data([call('o-0', ['redeem', token], 'p+1')]));
  await hears(/"slots":\["o\+1"\]/u);
  const other = ['ask', '$0.Alleged: X'];
  link.send(data([call('o-1', other, 'p+2', ['o+5'])], { seq: 2 }));
  await hears(/get.*hi/u);
  const [, number] = /"o-5".*?"p\+(\d+)"/u.exec(received.join()) ?? [];
  return { a, link, received, closed, hears, result: `p-${number}` };
};

describe('a settlement that is held back', () => {
  it('counts: one that is settled again in the same list is settled twice', async () => {
    const { link, closed, received, result } = await openAsked();
    const again = settle(result, ['o-1']);
    link.send(data([['resolve', [again, again]]], { seq: 3 }));
    await expect.poll(() => closed.length).toBe(1);
    expect(received.at(-1)).toMatch(/"refused".*twice/u);
  });

  it('asks first for everything that was under way', async () => {
    const { link, closed, hears, result } = await openAsked();
    link.send(data([['resolve', [settle(result, ['o-1'])]]], { seq: 3 }));
    await hears(/sync/u);
    expect(closed).toStrictEqual([]);
  });

  it('is held back by the next daemon, too', async () => {
    const { a, link, hears, result } = await openAsked();
    const held = () =>
      a.kernel.executeDBQuery(
        `SELECT kref FROM promises WHERE state = 'unresolved' AND settled_by LIKE 'r%'`,
      );
    link.send(data([['resolve', [settle(result, ['o-1'])]]], { seq: 3 }));
    await hears(/sync/u);
    const before = held();
    expect(before).toHaveLength(1);
    await a.reopen();
    expect(held()).toStrictEqual(before);
  });
});

/** Sends messages to a promise of the other kernel, and much else. */
const sender = `
  let promise;
  const quietly = (result) => { result.catch(() => undefined); };
  return makeDefaultExo('Sender', {
    ask: (other) => { promise = E(other).get(); quietly(promise); },
    flood: (other, texts) => { texts.forEach((text) => quietly(E(other).take(text))); },
    note: (n) => quietly(E(promise).note(n)),
  });`;

const notebook = `
  const notes = [];
  return makeDefaultExo('Notebook', {
    note: (n) => { notes.push(n); },
    notes: () => harden([...notes]),
  });`;

/** A peer that was asked for something, on a link that carries little, and acknowledges nothing. */
const openSlow = async () => {
  const { network, kernels, peerIds } = await openLinkedKernels(1);
  const [a] = kernels as [TestKernel];
  const [from, to] = [await a.launch(sender), await a.launch(notebook)];
  network.relay(10_000_000);
  const { link, received } = network.connectAs(stranger, peerIds[0] ?? '');
  const hears = async (pattern: RegExp): Promise<void> =>
    expect.poll(() => pattern.test(received.join('\n'))).toBe(true);
  let seq = 0;
  const saysAll = (ops: readonly unknown[], more: object = {}): void => {
    seq += 1;
    link.send(data(ops, { seq, ...more }));
  };
  const says = (op: unknown): void => saysAll([op]);
  /** Of the frames that it has been sent. */
  const newest = (): number => {
    const [last = ''] = received.join().match(/"seq":\d+(?!.*"seq")/u) ?? [];
    return Number(last.slice('"seq":'.length));
  };
  link.send(hello());
  for (const [index, root] of [from, to].entries()) {
    const { url } = await a.kernel.issueOcapURL(root);
    const token = url.slice('ocap:'.length).split('@')[0];
    says(call('o-0', ['redeem', token], `p+${index + 1}`));
    await hears(RegExp(`"slots":\\["o\\+${index + 1}"\\]`, 'u'));
  }
  says(call('o-1', ['ask', '$0.Alleged: X'], null, ['o+5']));
  await hears(/"o-5".*get/u);
  const [, number] =
    /"o-5",\{"body":"#\[\\"get.*?"p\+(\d+)"/u.exec(received.join()) ?? [];
  const heard = async (): Promise<void> =>
    hears(RegExp(`"ack","received":${seq}`, 'u'));
  return {
    link,
    received,
    hears,
    says,
    heard,
    note: async (n: number) => a.call(from, 'note', n),
    notes: async () => a.call(to, 'notes'),
    /** So that what follows has to wait for a frame. */
    flood: async () => {
      const texts = Array.from({ length: 40 }, () => 'x'.repeat(10_000));
      says(call('o-1', ['flood', '$0.Alleged: X', texts], null, ['o+5']));
      await hears(/take/u);
    },
    settleToNotebook: async () => {
      says(['resolve', [settle(`p-${number}`, ['o-2'])]]);
      await heard();
    },
    /** The settlement has waited there for its frame, and a note that came meanwhile comes back behind it. */
    settleAndReturn: async (n: number) => {
      saysAll(
        [
          ['resolve', [settle(`p-${number}`, ['o-2'])]],
          call('o-2', ['note', n]),
        ],
        { seen: newest() },
      );
      await heard();
    },
    /** Acknowledges all until it is asked whether that was all, and says that it was. */
    answerSync: async () => {
      await expect
        .poll(() => {
          link.send(JSON.stringify({ type: 'ack', received: newest() }));
          return received.join().includes('sync');
        })
        .toBe(true);
      const [, sync] = /sync[^}]*\},"p\+(\d+)"/u.exec(received.join()) ?? [];
      says(['resolve', [settle(`p-${sync}`)]]);
    },
  };
};

describe('a message that waits for a frame', () => {
  it('is not overtaken by a later one when its promise has settled', async () => {
    const { flood, note, notes, settleToNotebook } = await openSlow();
    await flood();
    await note(1);
    await settleToNotebook();
    await note(2);
    expect(await notes()).toStrictEqual([1, 2]);
  });

  it('is not overtaken when the settlement is held back', async () => {
    const { hears, ...peer } = await openSlow();
    await peer.note(0);
    await hears(/note/u);
    await peer.flood();
    await peer.note(1);
    await peer.settleToNotebook();
    await peer.note(2);
    await peer.answerSync();
    await expect.poll(peer.notes).toStrictEqual([1, 2]);
  });

  // Found by the simulation, seed 2688.
  it('does not overtake one that was seen before, and comes back after the settlement', async () => {
    const { hears, ...peer } = await openSlow();
    await peer.note(1);
    await hears(/note/u);
    await peer.flood();
    await peer.note(2);
    await peer.settleAndReturn(1);
    await peer.note(3);
    await peer.answerSync();
    await expect.poll(peer.notes).toStrictEqual([1, 2, 3]);
  });
});
