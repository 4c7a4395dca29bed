/** What can only be seen in a process of its own: what is loaded, under lockdown, and what is left in the end. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const fixture = fileURLToPath(
  new URL('./fixtures/two-transports.ts', import.meta.url),
);

it.each(['unlocked', 'locked'])(
  'links work when %s; nothing of libp2p is loaded before the start, and nothing is left after the stop',
  async (how) => {
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      [fixture, how],
      // An open handle would keep it for ever.
      { timeout: 15_000 },
    );
    const found = JSON.parse(stdout) as {
      afterStart: number;
      answers: Record<string, string>;
    };
    expect(found).toMatchObject({
      isLocked: how === 'locked',
      beforeStart: 0,
      answers: {
        '/ip4/127.0.0.1/tcp/N': 'answer to "question"',
        '/ip4/127.0.0.1/tcp/N/ws': 'answer to "question"',
        '/ip4/127.0.0.1/tcp/N/p2p/N/p2p-circuit': 'answer to "question"',
      },
    });
    for (const answer of Object.values(found.answers)) {
      expect(answer).toBe('answer to "question"');
    }
    expect(found.afterStart).toBeGreaterThan(100);
    expect(stderr).not.toMatch(/error|warn/iu);
  },
  20_000,
);
