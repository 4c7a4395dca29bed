/**
 * The vat behind `ocap daemon repl`. It reads lines from its terminal, evaluates
 * them in a Compartment of its own, and writes what came of them. In reach of
 * what is typed are the language, `E`, `M`, `Far`, and the names that were
 * granted: nothing of this vat itself, and no other object of the daemon.
 *
 * Each line is one JSON value. In: `{id, evaluate}` or `{id, complete}`. Out, for
 * an evaluation: `{id, value}` or `{id, error}`; for one that is a promise first
 * `{id, pending: true}`. For a completion: `{id, words, of}`, `of` being the part
 * of the line that they would replace.
 */
import { E, type ERef } from '@endo/eventual-send';
import { q } from '@endo/errors';
import { Far } from '@endo/far';
import { M } from '@endo/patterns';
import { makeDefaultExo } from '@ocap/kernel-utils/exo';
import { completionsOf } from './completions.ts';
import { makeEvaluator } from './evaluator.ts';

type Terminal = Readonly<{
  read(): Promise<string | null>;
  write(text: string): Promise<void>;
}>;

type Request = Readonly<{ id: number; evaluate?: string; complete?: string }>;

export const buildRootObject = (): object => {
  const granted = new Map<string, unknown>();
  const { evaluate, scope } = makeEvaluator({ E, M, Far });

  const answer = async (
    { id, evaluate: text, complete }: Request,
    say: (message: object) => void,
  ): Promise<void> => {
    if (complete !== undefined) {
      say({ id, ...(await completionsOf(complete, scope)) });
      return;
    }
    try {
      const value = evaluate(text ?? '');
      const isPromise = value instanceof Promise;
      if (isPromise) {
        say({ id, pending: true });
      }
      // Nothing else is awaited: `E(x)` alone would take `then` for a method.
      const settled: unknown = isPromise ? await value : value;
      scope['_'] = settled;
      say({ id, value: show(settled) });
    } catch (error) {
      say({ id, error: showError(error) });
    }
  };

  const serve = async (terminal: ERef<Terminal>): Promise<void> => {
    const say = (message: object): void => {
      // Nobody is told if the terminal has gone: nobody is there.
      E(terminal)
        .write(`${JSON.stringify(message)}\n`)
        .catch(() => undefined);
    };
    for (;;) {
      const line = await E(terminal).read();
      if (line === null) {
        return;
      }
      void answer(JSON.parse(line) as Request, say);
    }
  };

  return makeDefaultExo('Console', {
    bootstrap: (
      _vats: unknown,
      services: Readonly<{ terminal: ERef<Terminal> }>,
    ) => {
      // Its end is the end of the session, however it came.
      serve(services.terminal).catch(() => undefined);
    },
    /** From now on the name stands for the object in what is typed. */
    grant: (name: string, object: unknown) => {
      granted.set(name, object);
      scope[name] = object;
    },
    names: () => harden([...granted.keys()]),
  });
};

const show = (value: unknown): string =>
  value === undefined ? 'undefined' : String(q(value, '  '));

const showError = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : show(error);
