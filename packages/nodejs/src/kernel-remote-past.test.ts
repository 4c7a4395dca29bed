import './daemon/lockdown.ts';
import { describe, expect, it } from 'vitest';
import { openLinkedKernels, share } from './testing/linked-kernels.ts';
import type { TestKernel } from './testing/test-kernel.ts';

const owner = `
  const kept = [];
  return makeDefaultExo('Owner', {
    hi: () => 'hi',
    thing: () => makeDefaultExo('Thing', { hi: () => 'thing' }),
    keep: (...things) => void kept.push(...things),
    never: () => new Promise(() => {}),
  });`;

const holder = `
  const things = [];
  const problems = [];
  return makeDefaultExo('Holder', {
    hi: () => 'hi',
    hold: async (from, count) => {
      for (let i = 0; i < count; i += 1) {
        const thing = await E(from).thing();
        things.push(thing);
        await E(from).keep(makeDefaultExo('Mine', {}));
      }
    },
    wait: (from, count) => {
      for (let i = 0; i < count; i += 1) {
        E(from).never().catch((error) => void problems.push(error.message));
      }
    },
    askAll: async () =>
      Promise.all(things.map((thing) => E(thing).hi().catch((e) => e.message))),
    problems: () => [...problems],
  });`;

const AT_ONCE = 10;
const MANY = 100;

const lost = /lost its state/u;

/** B holds much of A, and A of B, when A loses its state. */
const open = async (count: number) => {
  const { network, kernels } = await openLinkedKernels(2, {
    writesAtOnce: AT_ONCE,
  });
  const [a, b] = kernels as [TestKernel, TestKernel];
  const ofA = await a.launch(owner);
  const ofB = await b.launch(holder);
  const atB = await share(a, ofA, b);
  await b.call(ofB, 'hold', { '@ref': atB }, count);
  await b.call(ofB, 'wait', { '@ref': atB }, count);
  const loseState = async (): Promise<void> => {
    network.block(true);
    await a.kernel.clearState();
    network.block(false);
  };
  const problemOfPeer = (): string => {
    const { remoteComms } = b.kernel.getStatus();
    return remoteComms?.peers[0]?.problem ?? '';
  };
  /** What was between the two is gone, and they begin anew. */
  const expectAnew = async (): Promise<void> => {
    await expect
      .poll(async () => b.call(ofB, 'problems'), { timeout: 20_000 })
      .toHaveLength(count);
    expect(await b.call(ofB, 'problems')).toStrictEqual(
      Array(count).fill(expect.stringMatching(lost)),
    );
    expect(await b.call(ofB, 'askAll')).toStrictEqual(
      Array(count).fill(expect.stringMatching(lost)),
    );
    const next = await a.launch(owner);
    const again = await share(a, next, b);
    expect(await b.call(again, 'hi')).toBe('hi');
    await b.call(ofB, 'hold', { '@ref': again }, 3);
  };
  return { a, b, ofB, loseState, problemOfPeer, expectAnew };
};

describe('what was shared with a peer that has lost its state', () => {
  it('is forgotten in parts if it is much, and others have their turns', async () => {
    const { b, ofB, loseState, problemOfPeer, expectAnew } = await open(MANY);
    await loseState();
    await expect
      .poll(problemOfPeer, { interval: 1, timeout: 20_000 })
      .toMatch(/is being forgotten/u);
    expect(await b.call(ofB, 'hi')).toBe('hi');
    expect(problemOfPeer()).toMatch(/is being forgotten/u);
    await expectAnew();
    expect(problemOfPeer()).toBe('');
  });

  it('is forgotten further by the next daemon', async () => {
    const { a, b, loseState, problemOfPeer } = await open(MANY);
    await loseState();
    await expect
      .poll(problemOfPeer, { interval: 1, timeout: 20_000 })
      .toMatch(/is being forgotten/u);
    await b.reopen();
    expect(problemOfPeer()).toMatch(/is being forgotten/u);
    const again = await share(a, await a.launch(owner), b);
    expect(await b.call(again, 'hi')).toBe('hi');
    expect(problemOfPeer()).toBe('');
  });

  it.each([AT_ONCE / 5, AT_ONCE * 2])(
    'is gone, be it little (%i)',
    async (count) => {
      const { loseState, expectAnew } = await open(count);
      await loseState();
      await expectAnew();
    },
  );
});
