/**
 * Evaluates what people type at a prompt: expressions, statements, declarations
 * that last, and `await` wherever they like.
 */

type Scope = Record<string, unknown>;

export type Evaluator = Readonly<{
  /** @throws what the text throws, and SyntaxError */
  evaluate(text: string): unknown;
  /** What names stand for; whoever has it can add to it. */
  scope: Scope;
}>;

export const makeEvaluator = (globals: Scope): Evaluator => {
  const compartment = new Compartment({ globals, __options__: true });
  const { globalThis: scope } = compartment as unknown as { globalThis: Scope };
  const run = (source: string): unknown => compartment.evaluate(source);

  const isKnown = (name: string): boolean => name in scope || words.has(name);

  /** Without running it. */
  const canBeRead = (source: string): boolean => {
    try {
      run(`(function () { ${source}\n})`);
      return true;
    } catch (error) {
      if (error instanceof SyntaxError) {
        return false;
      }
      throw error;
    }
  };

  /** Text that is an expression is run as one: `{ a: 1 }` is an object. */
  const runAs = (expression: string, statements: string): unknown =>
    run(canBeRead(expression) ? expression : statements);

  return {
    scope,
    evaluate: (typed) => {
      const { text, names } = lasting(typed.trim().replace(/;$/u, ''));
      for (const name of names) {
        if (!(name in scope)) {
          scope[name] = undefined;
        }
      }
      // In a Compartment, a name that stands for nothing reads as undefined.
      if (/^[A-Za-z_$][\w$]*$/u.test(text) && !isKnown(text)) {
        throw ReferenceError(`${text} is not defined`);
      }
      return /\bawait\b/u.test(text)
        ? runAs(
            `(async () => (\n${text}\n))()`,
            `(async () => {\n${text}\n})()`,
          )
        : runAs(`(\n${text}\n)`, text);
    },
  };
};

/** Read like a name, and are none. */
const words = new Set(['null', 'true', 'false', 'this', 'debugger']);

/**
 * A declaration as an assignment to globals, so that the next line knows them;
 * with the names that must be there for it. May name too many of a pattern.
 */
const lasting = (
  text: string,
): Readonly<{ text: string; names: readonly string[] }> => {
  const [, declared] = /^(?:const|let|var)\s+([\s\S]+)$/u.exec(text) ?? [];
  if (declared !== undefined) {
    const [pattern = ''] = /^[{[][^=]*/u.exec(declared) ?? [];
    const names =
      pattern === ''
        ? matches(declared, /(?:^|,)\s*([\w$]+)\s*(?==|,|$)/gu)
        : matches(pattern, /([\w$]+)/gu);
    const bare = /^[\w$]+$/u.test(declared)
      ? `${declared} = undefined`
      : declared;
    return { text: pattern === '' ? bare : `(${declared})`, names };
  }
  const [, name] =
    /^(?:(?:async\s+)?function\s*\*?|class)\s+([\w$]+)/u.exec(text) ?? [];
  return name === undefined
    ? { text, names: [] }
    : { text: `${name} = ${text}`, names: [name] };
};

const matches = (text: string, form: RegExp): string[] =>
  [...text.matchAll(form)].flatMap(([, name]) => name ?? []);
