/**
 * Promise patterns among three vats, as data: what vat `a` runs (it finds `b`,
 * `c` and the names of the actor in `three-vats.ts`) and what it must come to.
 */
import type { Methods } from './three-vats.ts';

const helpers = `
  flood: async (o, tag, count) => { for (let i = 0; i < count - 1; i += 1) E(o).note(tag, i); await E(o).note(tag, count - 1); },
  keeper: () => makeDefaultExo('Keeper', { note, who: () => me }),`;

/** Of a trio for each pattern: `run` of `a` does what the pattern says. */
export const methodsOf = (
  patterns: typeof promisePatterns,
): readonly Methods[] =>
  patterns.map(([, code]) => ({
    a: `${helpers} run: () => { const b = peer('b'); const c = peer('c'); return ${code}; },`,
    b: helpers,
    c: helpers,
  }));

export const promisePatterns: readonly (readonly [string, string, unknown])[] =
  [
    // Results that are promises of other vats
    ['a result that another vat answers', `E(b).ask('c', 'who')`, 'c'],
    [
      'a result that goes round all three',
      `E(b).ask('c', 'ask', 'a', 'who')`,
      'a',
    ],
    [
      'a result that another vat rejects',
      `settledAs(E(b).ask('c', 'fail', 'c says no'))`,
      ['failed', 'c says no'],
    ],
    [
      'a result that another vat settles later',
      `(async () => { const p = E(b).ask('c', 'later', 'x'); await E(c).settle('x', 'at last'); return p; })()`,
      'at last',
    ],
    [
      'a result that another vat has settled before it is asked',
      `(async () => { await E(c).settle('x', 'long ago'); return E(b).ask('c', 'later', 'x'); })()`,
      'long ago',
    ],
    [
      'a result that turns into the caller’s own promise',
      `(async () => { const mine = makePromiseKit(); const p = E(b).echo(mine.promise); mine.resolve('mine'); return p; })()`,
      'mine',
    ],
    [
      'a result that turns into the caller’s own object',
      `(async () => { const o = makeThing('o'); return (await E(b).ask('c', 'echo', o)) === o; })()`,
      true,
    ],

    // Promises as arguments, settled before, during and after the send
    [
      'an argument settled before the send, by a third',
      `(async () => { const p = E(c).later('x'); await E(c).settle('x', 1); await p; return E(b).when(p); })()`,
      ['got', 1],
    ],
    [
      'an argument settled in the crank of the send',
      `(() => { const k = makePromiseKit(); const r = E(b).when(k.promise); k.resolve(2); return r; })()`,
      ['got', 2],
    ],
    [
      'an argument settled in the crank of the send, before it',
      `(() => { const k = makePromiseKit(); k.resolve(2); return E(b).when(k.promise); })()`,
      ['got', 2],
    ],
    [
      'an argument of a third, settled after the send',
      `(async () => { const r = E(b).when(E(c).later('x')); await E(c).settle('x', 3); return r; })()`,
      ['got', 3],
    ],
    [
      'an argument of a third, rejected after the send',
      `(async () => { const r = E(b).when(E(c).later('x')); await E(c).reject('x', 'not now'); return r; })()`,
      ['failed', 'not now'],
    ],
    [
      'the receiver’s own promise as an argument',
      `(async () => { const p = E(b).later('x'); const r = E(b).when(p); await E(b).settle('x', 4); return r; })()`,
      ['got', 4],
    ],
    [
      'one promise to two vats',
      `(async () => { const k = makePromiseKit(); const rs = [E(b).when(k.promise), E(c).when(k.promise)]; await E(b).who(); k.resolve(5); return Promise.all(rs); })()`,
      [
        ['got', 5],
        ['got', 5],
      ],
    ],
    [
      'one promise twice in one message',
      `(async () => { const k = makePromiseKit(); const r = E(b).echo(harden([k.promise, { again: k.promise }])); k.resolve(6); const [x, y] = await r; return [await x, await y.again, x === y.again]; })()`,
      [6, 6, true],
    ],
    [
      'a rejected promise inside data',
      `(async () => { const { p } = await E(b).echo(harden({ p: E(c).fail('inner') })); return settledAs(p); })()`,
      ['failed', 'inner'],
    ],
    [
      'a promise for a promise for a promise',
      `settledAs(E(b).echo(E(c).echo(E(b).echo(Promise.resolve(7)))))`,
      ['got', 7],
    ],

    // Chains
    [
      'a chain through three vats, settled at its end',
      `(async () => {
        const p1 = E(c).later('1');
        const p2 = E(b).later('2');
        const k = makePromiseKit();
        k.resolve(p2); await E(b).settle('2', p1); const r = E(c).when(k.promise); await E(c).settle('1', 'end'); return r; })()`,
      ['got', 'end'],
    ],
    [
      'a chain through three vats, rejected at its end',
      `(async () => {
        const p1 = E(c).later('1'); const p2 = E(b).later('2');
        const r = E(c).when(p2); await E(b).settle('2', p1); await E(c).reject('1', 'broken'); return r; })()`,
      ['failed', 'broken'],
    ],
    [
      'a chain of fifty vats’ turns',
      `(async () => { let p = E(c).later('x'); for (let i = 0; i < 50; i += 1) p = E(i % 2 ? b : c).echo(p); await E(c).settle('x', 'fifty'); return p; })()`,
      'fifty',
    ],
    [
      'a chain that ends in an object that can be called by all',
      `(async () => { const p = E(b).later('x'); const n = E(c).callIt(p, 'where'); await E(b).settle('x', E(c).heap('h')); return [await n, await E(p).label()]; })()`,
      ['c', 'h'],
    ],

    // Pipelining
    [
      'pipelining several deep to one vat',
      `E(E(E(E(E(b).heap('deep')).self()).self()).self()).label()`,
      'deep',
    ],
    [
      'pipelining to an object of a third vat',
      `E(E(E(b).ask('c', 'heap', 'third')).self()).where()`,
      'c',
    ],
    [
      'pipelining before the target is known, several deep',
      `(async () => { const p = E(b).later('x'); const r = E(E(E(p).self()).self()).label(); await E(b).settle('x', E(c).heap('far')); return r; })()`,
      'far',
    ],
    [
      'pipelining to what turns out to be the caller’s own object',
      `(async () => { const p = E(b).later('x'); const r = [E(p).where(), E(E(p).self()).inc()]; await E(b).settle('x', makeThing('own')); return Promise.all(r); })()`,
      ['a', 1],
    ],
    [
      'pipelining to what is rejected, several deep',
      `(async () => { const p = E(b).later('x'); const r = E(E(E(p).self()).self()).label(); await E(b).reject('x', 'no such'); return settledAs(r); })()`,
      ['failed', 'no such'],
    ],
    [
      'pipelining to a promise whose decider passed it on',
      `(async () => { const p = E(b).ask('c', 'later', 'x'); const r = E(c).callIt(p, 'label'); const s = E(p).where(); await E(c).settle('x', E(b).heap('back')); return Promise.all([r, s]); })()`,
      ['back', 'b'],
    ],
    [
      'pipelining to plain data is rejected, and what follows it too',
      `settledAs(E(E(E(b).echo(5)).self()).label()).then(([outcome]) => outcome)`,
      'failed',
    ],
    [
      'a promise as an argument of a pipelined message',
      `(async () => { const p = E(b).later('x'); const q = E(c).later('y'); const r = E(p).echo(q); await E(b).settle('x', c); await E(c).settle('y', 'both'); return r; })()`,
      'both',
    ],
    [
      'the result of a message as an argument of the next to the same vat',
      `E(b).callIt(E(b).heap('same'), 'label')`,
      'same',
    ],

    // Rejection everywhere
    [
      'a rejection that nobody handles hurts nobody',
      `(async () => { void E(b).fail('unheard'); void Promise.reject(Error('x')); await E(b).who(); return 'fine'; })()`,
      'fine',
    ],
    [
      'a rejection with data, not an error',
      `E(b).echo(harden([Promise.reject(harden({ code: 7, who: c }))])).then(([p]) => p).catch(async (r) => [r.code, await E(r.who).who()])`,
      [7, 'c'],
    ],
    [
      'a rejection with an object as the reason',
      `E(b).echo(harden([Promise.reject(makeThing('reason'))])).then(([p]) => p).catch((r) => E(r).label())`,
      'reason',
    ],
    [
      'an error keeps its name and message over three vats',
      `E(b).ask('c', 'callIt', makeDefaultExo('T', { go() { throw RangeError('too far'); } }), 'go').catch((e) => [e.name, e.message])`,
      ['RangeError', 'too far'],
    ],
    [
      'one of many is rejected, the others are answered',
      `Promise.all([1, 2, 3, 4].map((n) => settledAs(n % 2 ? E(b).echo(n) : E(c).fail('even')))).then((all) => all.map(([how]) => how).join())`,
      'got,failed,got,failed',
    ],

    // Order
    [
      'order from two senders to one object, for each of them',
      `(async () => {
        const done = E(b).ask('c', 'keep', 'x', 1);
        const sender = E(b).flood(c, 'b', 40); for (let i = 0; i < 40; i += 1) E(c).note('a', i);
        await Promise.all([done, sender]); const notes = await E(c).notes();
        const of = (who) => notes.filter(([w]) => w === who).map(([, n]) => n);
        return ['a', 'b'].map((who) => of(who).length === 40 && of(who).every((n, i) => n === i)); })()`,
      [true, true],
    ],
    [
      'order of what waited for a promise',
      `(async () => { const p = E(b).later('x'); for (let i = 0; i < 30; i += 1) E(p).note(i); await E(b).settle('x', c); for (let i = 30; i < 40; i += 1) E(p).note(i); await E(p).who(); const notes = await E(c).notes(); return notes.every((n, i) => n === i) && notes.length; })()`,
      40,
    ],
    [
      'order to two facets of one vat',
      `(async () => { const k = E(c).keeper(); for (let i = 0; i < 20; i += 1) { E(c).note(2 * i); E(k).note(2 * i + 1); } await E(k).who(); await E(c).who(); const notes = await E(c).notes(); const of = (odd) => notes.filter((n) => n % 2 === odd); return [0, 1].map((odd) => of(odd).length === 20 && of(odd).every((n, i) => n === 2 * i + odd)); })()`,
      [true, true],
    ],
    [
      'a reference arrives before the message that follows it',
      `(async () => { const o = makeDefaultExo('O', { hi: () => 'hi' }); void E(b).ask('c', 'keep', 'later', 1); E(c).note('first'); const r = E(c).callIt(o, 'hi'); E(c).note('last'); return [await r, (await E(c).notes()).join()]; })()`,
      ['hi', 'first,last'],
    ],

    // Identity
    [
      'one object through two ways is one object',
      `(async () => { const o = await E(c).heap('one'); const [x, y] = await Promise.all([E(b).echo(o), E(b).ask('c', 'echo', o)]); return x === o && y === o; })()`,
      true,
    ],
    [
      'two objects are two objects, and a set of them survives',
      `(async () => { const [x, y] = await Promise.all([E(c).heap('1'), E(c).heap('1')]); const back = await E(b).echo(harden([x, y, x])); return [back[0] === back[2], back[0] === back[1]]; })()`,
      [true, false],
    ],
  ];

/** Cycles and crosswise settlements. */
export const cyclicPatterns: typeof promisePatterns = [
  [
    'two promises of two vats that settle to data with each other',
    `(async () => {
        const pb = E(b).later('x'); const pc = E(c).later('y');
        await Promise.all([E(b).settle('x', harden({ name: 'x', other: pc })), E(c).settle('y', harden({ name: 'y', other: pb }))]);
        const x = await pb; const y = await pc;
        return [x.name, (await x.other).name, (await (await x.other).other).name, y.name, (await y.other).name]; })()`,
    ['x', 'y', 'x', 'y', 'x'],
  ],
  [
    'crosswise, seen by a third that was told before',
    `(async () => {
        const pb = E(b).later('x'); const pc = E(c).later('y');
        const r = E(c).when(pb);
        await E(b).settle('x', harden([pc])); await E(c).settle('y', harden([pb]));
        const [, [inner]] = await r; const [back] = await inner; const [again] = await back; return Array.isArray(await again); })()`,
    true,
  ],
  [
    'three promises in a ring of data',
    `(async () => {
        const k = makePromiseKit(); const pb = E(b).later('x'); const pc = E(c).later('y');
        k.resolve(harden({ at: 'a', next: pb }));
        await E(b).settle('x', harden({ at: 'b', next: pc })); await E(c).settle('y', harden({ at: 'c', next: k.promise }));
        const seen = []; let p = E(c).echo(harden([k.promise])).then(([q]) => q);
        for (let i = 0; i < 6; i += 1) { const v = await p; seen.push(v.at); p = v.next; } return seen.join(''); })()`,
    'abcabc',
  ],
  [
    'a promise that settles to data with itself, in a third vat',
    `(async () => { const p = E(b).later('x'); await E(b).settle('x', harden({ self: p, n: 1 })); const v = await E(c).echo(p); return [v.n, (await v.self).n, (await (await v.self).self).n]; })()`,
    [1, 1, 1],
  ],
  [
    'a rejection whose reason is data with the promise itself',
    `(async () => { const k = makePromiseKit(); const p = E(b).echo(harden([k.promise])); k.reject(harden({ why: 'cycle', of: k.promise })); const [q] = await p; return q.catch(async (r) => [r.why, await r.of.catch((s) => s.why)]); })()`,
    ['cycle', 'cycle'],
  ],
];
