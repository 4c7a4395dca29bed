/**
 * V-30: many messages to another kernel, while the link is cut again and again.
 * The whole 100,000 take more than a minute: REMOTE_MESSAGES=100000.
 */
import './daemon/lockdown.ts';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { openLinkedKernels, share } from './testing/linked-kernels.ts';
import type { TestKernel } from './testing/test-kernel.ts';
import { makeRandom } from '../../../test/support/random.ts';

const MESSAGES = Number(process.env['REMOTE_MESSAGES'] ?? 8_000);
const AT_ONCE = 500;
const MOST_WAITING = 5000;

const sink = `
  let n = 0;
  let inOrder = true;
  return makeDefaultExo('Sink', {
    take: (i) => { inOrder &&= i === n; n += 1; },
    seen: () => ({ n, inOrder }),
  });`;
const source = `
  return makeDefaultExo('Source', {
    send: (to, from, count) => { for (let i = from; i < from + count; i += 1) E(to).take(i); },
  });`;

it(`of ${MESSAGES} messages none is lost, none comes twice, and all are in order (V-30)`, async () => {
  const { network, kernels } = await openLinkedKernels(2);
  const [a, b] = kernels as [TestKernel, TestKernel];
  const at = await share(a, await a.launch(sink), b);
  const root = await b.launch(source);
  const random = makeRandom(30);
  let isOver = false;
  const cutting = (async () => {
    while (!isOver) {
      await delay(random.integer(50, 600));
      network.cut();
    }
  })();
  const waiting = (): number =>
    Number(
      b.kernel.executeDBQuery('SELECT count(*) AS n FROM inbox')[0]?.['n'],
    );
  for (let i = 0; i < MESSAGES; i += AT_ONCE) {
    await b.call(root, 'send', { '@ref': at }, i, AT_ONCE);
    while (waiting() > MOST_WAITING) {
      await delay(20);
    }
  }
  await expect
    .poll(async () => b.call(at, 'seen'), { timeout: 60_000, interval: 200 })
    .toStrictEqual({ n: MESSAGES, inOrder: true });
  isOver = true;
  await cutting;
}, 300_000);
