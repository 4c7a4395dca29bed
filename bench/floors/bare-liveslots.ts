/**
 * Entry point of the process in which bare vats run. Told what to do by IPC, it
 * answers with the milliseconds that it took. See `bare-process.ts`.
 */
import './lockdown.ts';
import { startBarePair, type BarePair } from './bare-pair.ts';
import { startBareVat, type BareVat } from './bare-vat.ts';

const calls = {
  calls: { vat: 'counter', method: 'increment' },
  'map-get': { vat: 'map', method: 'get' },
  'map-set': { vat: 'map', method: 'set' },
} as const;

type Calls = keyof typeof calls;

/** The code of each vat. */
export type Codes = Readonly<Record<'caller' | 'counter' | 'map', string>>;

export type Request = Readonly<
  | { do: 'load'; codes: Codes }
  | {
      do: 'start' | 'keep' | 'pingPong' | 'flood' | 'map-fill' | Calls;
      times: number;
    }
>;

export type Answer = Readonly<{ ms: number } | { problem: string }>;

let codes: Codes = { caller: '', counter: '', map: '' };
const called: { counter?: BareVat; map?: BareVat } = {};
let pair: BarePair | undefined;
let lastResult = 0;
const kept: BareVat[] = [];

type Call = Readonly<{ vat: 'counter' | 'map'; method: string; arg?: number }>;

const call = async (
  { vat, method, arg }: Call,
  times: number,
): Promise<void> => {
  called[vat] ??= await startBareVat(codes[vat]);
  const args = arg === undefined ? [] : [arg];
  const methargs = { body: `#${JSON.stringify([method, args])}`, slots: [] };
  for (let i = 0; i < times; i += 1) {
    lastResult += 1;
    const result = `p-${lastResult}`;
    await called[vat].deliver(['message', 'o+0', { methargs, result }]);
  }
};

const perform = async (request: Request): Promise<void> => {
  switch (request.do) {
    case 'load':
      codes = request.codes;
      break;
    case 'start':
    case 'keep':
      for (let i = 0; i < request.times; i += 1) {
        const vat = await startBareVat(codes.counter);
        if (request.do === 'keep') kept.push(vat);
      }
      break;
    case 'map-fill':
      await call({ vat: 'map', method: 'fill', arg: request.times }, 1);
      break;
    case 'calls':
    case 'map-get':
    case 'map-set':
      await call(calls[request.do], request.times);
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
