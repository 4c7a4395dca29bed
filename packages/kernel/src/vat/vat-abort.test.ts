import { describe, expect, it } from 'vitest';
import { AbortController, makeAbortSignal } from './vat-abort.ts';

type Signal = AbortController['signal'];
const makeStatics = (setTimeout = (_: () => void, __: number): unknown => 0) =>
  makeAbortSignal(setTimeout) as {
    new (): Signal;
    abort(reason?: unknown): Signal;
    any(signals: unknown): Signal;
    timeout(ms: number): Signal;
  };

describe('a signal', () => {
  it('tells each listener once, in order, with the reason to be read', () => {
    const controller = new AbortController();
    const { signal } = controller;
    const told: unknown[] = [];
    const twice = (): unknown => told.push(['twice', signal.reason]);
    signal.addEventListener('abort', twice);
    signal.addEventListener('abort', twice);
    signal.addEventListener('abort', {
      handleEvent: ({ type, target }) => told.push([type, target === signal]),
    });
    signal.addEventListener('error', () => told.push('error'));
    signal.onabort = () => told.push('property');
    const gone = (): unknown => told.push('gone');
    signal.addEventListener('abort', gone);
    signal.removeEventListener('abort', gone);
    expect([signal.aborted, signal.reason]).toStrictEqual([false, undefined]);
    controller.abort('why');
    controller.abort('again');
    expect(told).toStrictEqual(['property', ['twice', 'why'], ['abort', true]]);
    expect([signal.aborted, signal.reason]).toStrictEqual([true, 'why']);
    expect(() => signal.throwIfAborted()).toThrow('why');
  });

  it('has an AbortError for a reason if none is given', () => {
    const controller = new AbortController();
    controller.signal.throwIfAborted();
    controller.abort();
    expect(controller.signal.reason).toMatchObject({ name: 'AbortError' });
  });

  it('calls all listeners before one that throws is heard', () => {
    const controller = new AbortController();
    const told: string[] = [];
    controller.signal.addEventListener('abort', () => {
      throw Error('first');
    });
    controller.signal.addEventListener('abort', () => told.push('second'));
    expect(() => controller.abort()).toThrow('first');
    expect(told).toStrictEqual(['second']);
  });

  it('follows the first of any, also one that is aborted already', () => {
    const AbortSignal = makeStatics();
    const [one, two] = [new AbortController(), new AbortController()];
    const both = AbortSignal.any([one.signal, two.signal]);
    two.abort(2);
    one.abort(1);
    expect([both.aborted, both.reason]).toStrictEqual([true, 2]);
    expect(AbortSignal.any([one.signal, two.signal]).reason).toBe(1);
    expect(AbortSignal.any([]).aborted).toBe(false);
    expect(() => AbortSignal.any([{}])).toThrow(TypeError);
  });

  it('comes aborted, or after a time', () => {
    const timers: [() => void, number][] = [];
    const AbortSignal = makeStatics((task, ms) => timers.push([task, ms]));
    expect(AbortSignal.abort('why').reason).toBe('why');
    const signal = AbortSignal.timeout(50);
    expect([signal.aborted, timers[0]?.[1]]).toStrictEqual([false, 50]);
    timers[0]?.[0]();
    expect(signal.reason).toMatchObject({ name: 'TimeoutError' });
  });

  it('is one of AbortSignal, which cannot be constructed', () => {
    const AbortSignal = makeStatics();
    expect(new AbortController().signal).toBeInstanceOf(AbortSignal);
    expect(() => new AbortSignal()).toThrow(TypeError);
  });
});
