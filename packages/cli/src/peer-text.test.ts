import { describe, expect, it } from 'vitest';
import { peersText, reachText, shortPeerId } from './peer-text.ts';

const PEER = '12D3KooWQK1wnefoLrcVHbbnf5tLzbopUd3K3bFAoJpA7YJgL5pV';
const NOW = 1_000_000_000;

const peer = {
  id: 'r1' as never,
  peerId: PEER,
  state: 'connected',
  queued: 0,
  inbox: 0,
  parked: 0,
  answers: 0,
  answerChars: 0,
  seenAt: NOW - 120_000,
  hints: [],
} as const;

it('shows of a peer id what differs', () => {
  expect(shortPeerId(PEER)).toBe('12D3KooW…YJgL5pV');
  expect(shortPeerId('r1')).toBe('r1');
});

describe('where a daemon can be reached', () => {
  it('is each address, a line of its own', () => {
    const addresses = ['/ip4/192.0.2.7/tcp/1', '/ip4/192.0.2.7/tcp/2/ws'];
    expect(reachText({ peerId: PEER, addresses }).split('\n')).toStrictEqual([
      `  peer id  ${PEER}`,
      '  /ip4/192.0.2.7/tcp/1',
      '  /ip4/192.0.2.7/tcp/2/ws',
    ]);
  });

  it('is nowhere without an address, and then what to do', () => {
    expect(reachText({ peerId: PEER, addresses: [] })).toContain(
      'ocap daemon start --listen',
    );
  });

  it('is nowhere while it cannot listen as it did, and then why', () => {
    const problem = 'port 4001 is\u001b[2J in use';
    expect(
      reachText({ peerId: PEER, addresses: [], problem }).split('\n'),
    ).toStrictEqual([
      `  peer id  ${PEER}`,
      '  port 4001 is\\x1b[2J in use',
      expect.stringContaining('ocap daemon start --listen'),
    ]);
  });
});

describe('a peer', () => {
  /** Its line, without its id, in single spaces. */
  const lineOf = (change: Partial<Parameters<typeof peersText>[0][number]>) =>
    peersText([{ ...peer, ...change }], NOW)
      .split('\n')[1]
      ?.replace(PEER, '')
      .trim()
      .replaceAll(/ +/gu, ' ');

  it.each([
    [{}, 'connected 0 now'],
    [{ relayed: false }, 'connected 0 now'],
    [{ relayed: true }, 'connected via relay 0 now'],
    [{ state: 'away', queued: 3, inbox: 4 }, 'away 7 2 min ago'],
    [{ state: 'connecting', seenAt: NOW + 5 }, 'connecting 0 now'],
    [
      { state: 'away', problem: 'nothing\n\u001b[2Janswered' },
      'away 0 2 min ago nothing \\x1b[2Janswered',
    ],
  ] as const)('%o is told as "%s"', (change, line) => {
    expect(lineOf(change)).toBe(line);
  });

  it('that is away tells the end of a long problem', () => {
    const problem = `${'/ip4/192.0.2.7/tcp/4001'.repeat(9)}: connect ECONNREFUSED`;
    const line = lineOf({ state: 'away', problem }) ?? '';
    expect(line).toMatch(/ago ….*: connect ECONNREFUSED$/u);
    expect(line.length).toBeLessThan(90);
  });

  it('that was cut off can be given another chance', () => {
    const text = peersText(
      [{ ...peer, state: 'cut', problem: 'it lied' }],
      NOW,
    );
    expect(text).toContain('cut off');
    expect(text).toContain(`registerLocationHints '["${PEER}", []]'`);
  });
});
