import { objectKRef, promiseKRef, type KRef } from '@ocap/kernel-utils';
import { describe, expect, it } from 'vitest';
import { makeHeldReferences } from './held-references.ts';

const root = objectKRef(1);
const open = (max = 3): ReturnType<typeof makeHeldReferences> =>
  makeHeldReferences({ root, names: ['agent', 'bank'], max });

describe('the references of a connection with access to one object', () => {
  it.each(['ko1', 'agent', 'bank'])('begin with that object: %s', (ref) => {
    expect(open().lookUp(ref)).toBe(root);
  });

  it.each(
    ['ko2', 'kp1', 'ko01', 'mint', 'u1', 'a1', 'v1', '', '__proto__'].concat([
      'constructor',
      'toString',
      'BANK',
      ' bank',
      'bank\0',
    ]),
  )('do not have %j', (ref) => {
    expect(() => open().lookUp(ref)).toThrow(
      expect.objectContaining({ code: 'REF_NOT_HELD' }),
    );
  });

  it('grow by what comes in answers, promises too', () => {
    const held = open();
    held.learn([objectKRef(7), promiseKRef(2)]);
    expect(held.lookUp('ko7')).toBe('ko7');
    expect(held.lookUp('kp2')).toBe('kp2');
    expect(held.namesOf(objectKRef(7))).toStrictEqual([]);
    expect(held.namesOf(root)).toStrictEqual(['agent', 'bank']);
  });

  it('are N, not N + 1: those that came first are forgotten, the object never', () => {
    const held = open(3);
    held.learn([2, 3, 4].map(objectKRef));
    expect(held.lookUp('ko2')).toBe('ko2');
    // One that comes again is as new.
    held.learn([objectKRef(2), objectKRef(5)]);
    const has = (ref: KRef): boolean => {
      try {
        return held.lookUp(ref) === ref;
      } catch {
        return false;
      }
    };
    expect([1, 2, 3, 4, 5].map(objectKRef).map(has)).toStrictEqual([
      true,
      true,
      false,
      true,
      true,
    ]);
  });
});
