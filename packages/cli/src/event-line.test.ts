import type { DaemonEvent } from '@ocap/nodejs/client';
import { describe, expect, it } from 'vitest';
import { makeEventLineFormat } from './event-line.ts';
import { plainStyle } from './style.ts';

const at = Date.parse('2026-01-02T03:04:05.678Z');
const line = (event: Partial<DaemonEvent>): string =>
  makeEventLineFormat({ style: plainStyle, raw: false })({
    cursor: 'e1.1',
    at,
    topic: 'vat',
    type: 'launched',
    ...event,
  });
const time = /^\d\d-\d\d \d\d:\d\d:05\.678 {2}/u;

describe('an event', () => {
  it.each<[Partial<DaemonEvent>, string]>([
    [
      { vat: 'v1', name: 'main', subclusterId: 's1' },
      'vat         launched    v1 main       subclusterId=s1\n',
    ],
    [
      {
        type: 'terminated',
        vat: 'v1',
        name: 'main',
        reason: 'it ended itself',
      },
      'vat         terminated  v1 main       it ended itself\n',
    ],
    [
      { topic: 'subcluster', subclusterId: 's1', system: null },
      'subcluster  launched    s1\n',
    ],
    [
      { topic: 'subcluster', subclusterId: 's1', system: 'clock' },
      'subcluster  launched    s1            system=clock\n',
    ],
    [
      { topic: 'grant', type: 'revoked', grant: 'g3', ref: 'ko7' },
      'grant       revoked     g3 ko7\n',
    ],
    [
      { topic: 'log', type: 'gap', reason: 'the daemon was restarted' },
      'log         gap                       the daemon was restarted\n',
    ],
    [
      {
        topic: 'log',
        type: 'warn',
        message: 'slow',
        fields: { vat: 'v3', ms: 12 },
      },
      'warn   v3      slow  ms=12\n',
    ],
  ])('%j is shown to people', (event, expected) => {
    const text = line(event);
    expect(text).toMatch(time);
    expect(text.replace(time, '')).toBe(expected);
  });

  it('cannot do anything to a terminal', () => {
    const sequence = 'x\u001b[2J\ny';
    const text = line({ name: sequence, reason: sequence, more: sequence });
    expect(text.replace(/\n$/u, '')).not.toMatch(/[\u001b\n]/u);
  });

  it('is JSON as it came where a program reads', () => {
    const event = {
      cursor: 'e1',
      at,
      topic: 'vat',
      type: 'x',
      z: [1],
    } as const;
    const format = makeEventLineFormat({ style: plainStyle, raw: true });
    expect(JSON.parse(format(event))).toStrictEqual(event);
    expect(format(event).endsWith('\n')).toBe(true);
  });
});
