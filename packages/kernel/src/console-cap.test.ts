import { limitValues, vatId } from '@ocap/kernel-utils';
import { describe, expect, it } from 'vitest';
import { makeConsoleCap } from './console-cap.ts';

const open = () => {
  let at = 0;
  const cap = makeConsoleCap(
    { now: () => at },
    limitValues({ consoleBytesPerSecond: 10, consoleBurstBytes: 100 }),
  );
  return {
    say: (chars: number, vat = vatId(1)) => cap.take(vat, chars),
    room: () => cap.room(vatId(1)),
    wait: (ms: number) => {
      at += ms;
    },
  };
};

describe('the cap on a vat’s console', () => {
  it('lets through a burst and not one character more', () => {
    expect(open().say(100).allowed).toBe(true);
    expect(open().say(101).allowed).toBe(false);
    const { say } = open();
    expect(say(60).allowed).toBe(true);
    expect(say(40).allowed).toBe(true);
    expect(say(1).allowed).toBe(false);
  });

  it('fills again with time, up to a burst', () => {
    const { say, wait } = open();
    say(100);
    wait(999);
    expect(say(10).allowed).toBe(false);
    wait(1);
    expect(say(10).allowed).toBe(true);
    wait(1e9);
    expect(say(100).allowed).toBe(true);
    expect(say(1).allowed).toBe(false);
  });

  it('tells with the next line how many were suppressed, once', () => {
    const { say, wait } = open();
    say(100);
    say(50);
    say(50);
    wait(1000);
    expect(say(5)).toStrictEqual({ allowed: true, suppressed: 2 });
    expect(say(5)).toStrictEqual({ allowed: true, suppressed: 0 });
  });

  it('tells how much room there is once it gets scarce', () => {
    const { say, wait, room } = open();
    expect(room()).toBeUndefined();
    say(50);
    expect(room()).toBeUndefined();
    say(20);
    expect(room()).toBe(30);
    wait(1550);
    expect(room()).toBe(45);
    wait(1000);
    expect(room()).toBeUndefined();
  });

  it('counts each vat by itself', () => {
    const { say } = open();
    say(100);
    expect(say(100, vatId(2)).allowed).toBe(true);
  });
});
