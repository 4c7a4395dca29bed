/** Two bare vats, a caller and a counter, and the least that lets them talk. */
import {
  startBareVat,
  type BareVat,
  type Delivery,
  type Syscall,
} from './bare-vat.ts';

const COUNTER_SEEN_BY_CALLER = 'o-50';

export type BarePair = Readonly<{
  /** Calls a method of the caller and returns when nothing is left to deliver. */
  run(method: 'pingPong' | 'flood', times: number): Promise<void>;
}>;

type Codes = Readonly<{ caller: string; counter: string }>;

export const startBarePair = async (codes: Codes): Promise<BarePair> => {
  const caller = await startBareVat(codes.caller);
  const counter = await startBareVat(codes.counter);
  let lastResult = 1_000_000;

  const call = async (body: string, slots: string[] = []): Promise<void> => {
    lastResult += 1;
    const result = `p-${lastResult}`;
    const methargs = { body, slots };
    const queue: [BareVat, Delivery][] = [
      [caller, ['message', 'o+0', { methargs, result }]],
    ];
    let answered = false;
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [vat, delivery] = next;
      for (const syscall of await vat.deliver(delivery)) {
        answered ||= isResolved(syscall, result);
        const following = translate(syscall);
        if (following !== undefined) {
          queue.push([vat === caller ? counter : caller, following]);
        }
      }
    }
    if (!answered) throw Error('the bare caller never answered');
  };

  await call('#["bootstrap",[{"counter":"$0.Alleged: Counter"}]]', [
    COUNTER_SEEN_BY_CALLER,
  ]);
  return {
    run: async (method, times) => call(`#["${method}",[${times}]]`),
  };
};

const isResolved = (syscall: Syscall, promise: string): boolean =>
  syscall[0] === 'resolve' && syscall[1].some(([vref]) => vref === promise);

/** What the other one hears of it: a promise `p+n` of the caller is `p-n` to the counter. */
const translate = (syscall: Syscall): Delivery | undefined => {
  if (syscall[0] === 'send') {
    const [, , methargs, result] = syscall;
    return ['message', 'o+0', { methargs, result: result.replace('+', '-') }];
  }
  const answers = syscall[1].filter(([promise]) => isFromCaller(promise));
  return answers.length === 0
    ? undefined
    : [
        'notify',
        answers.map(([promise, rejected, data]) => [
          promise.replace('-', '+'),
          rejected,
          data,
        ]),
      ];
};

/** Results of our own calls to the caller have numbers beyond a million. */
const isFromCaller = (promise: string): boolean =>
  Number(promise.slice(2)) < 1_000_000;
