/**
 * Entry point of the process in which bare vats run. Told what to do by IPC, it
 * answers with the milliseconds that it took. See `bare-process.ts`.
 */
import './lockdown.ts';
import { startBarePair, type BarePair } from './bare-pair.ts';
import { startBareVat, type BareVat } from './bare-vat.ts';

export type Request = Readonly<
  | { do: 'load'; caller: string; counter: string }
  | { do: 'start' | 'keep' | 'calls' | 'pingPong' | 'flood'; times: number }
>;

export type Answer = Readonly<{ ms: number } | { problem: string }>;

let codes = { caller: '', counter: '' };
let counter: BareVat | undefined;
let pair: BarePair | undefined;
let lastResult = 0;
const kept: BareVat[] = [];

const callCounter = async (times: number): Promise<void> => {
  counter ??= await startBareVat(codes.counter);
  const methargs = { body: '#["increment",[]]', slots: [] };
  for (let i = 0; i < times; i += 1) {
    lastResult += 1;
    const result = `p-${lastResult}`;
    await counter.deliver(['message', 'o+0', { methargs, result }]);
  }
};

const perform = async (request: Request): Promise<void> => {
  switch (request.do) {
    case 'load':
      codes = request;
      break;
    case 'start':
    case 'keep':
      for (let i = 0; i < request.times; i += 1) {
        const vat = await startBareVat(codes.counter);
        if (request.do === 'keep') kept.push(vat);
      }
      break;
    case 'calls':
      await callCounter(request.times);
      break;
    case 'pingPong':
    case 'flood':
      pair ??= await startBarePair(codes);
      await pair.run(request.do, request.times);
      break;
    default:
      request satisfies never;
  }
};

const answer = (said: Answer): void => void process.send?.(said);

process.on('message', (request: Request) => {
  const begun = performance.now();
  perform(request).then(
    () => answer({ ms: performance.now() - begun }),
    (error: unknown) => answer({ problem: String(error) }),
  );
});
process.on('disconnect', () => process.exit());
