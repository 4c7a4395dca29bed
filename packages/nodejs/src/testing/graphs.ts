/** Graphs of objects by chance: cycles, accessors, proxies, frozen parts. */
/** As in test/support/random.ts. */
type Random = Readonly<{
  integer(least: number, most: number): number;
  pick<Value>(values: readonly Value[]): Value;
}>;

export type Graph = Readonly<{
  root: unknown;
  /** What its proxies were asked. */
  asked: string[];
  all: readonly unknown[];
}>;

const traps = [
  'ownKeys',
  'getOwnPropertyDescriptor',
  'defineProperty',
  'preventExtensions',
  'getPrototypeOf',
] as const;

export const makeGraph = (random: Random): Graph => {
  const asked: string[] = [];
  const all: object[] = [];
  const count = random.integer(1, 40);
  for (let i = 0; i < count; i += 1) all.push(makeNode(random, all, asked, i));
  // The later ones are known to the earlier ones, too: cycles.
  for (let i = random.integer(0, count); i > 0; i -= 1) {
    connect(random, random.pick(all), random.pick(all), i);
  }
  for (const one of all) {
    if (random.integer(1, 12) === 1) {
      try {
        random.pick([Object.freeze, Object.seal, Object.preventExtensions])(
          one,
        );
      } catch {
        // a typed array, or a proxy that throws
      }
    }
  }
  return { root: all.at(-1), asked, all };
};

const makeNode = (
  random: Random,
  all: readonly object[],
  asked: string[],
  i: number,
): object => {
  const some = (): unknown =>
    all.length > 0 && random.integer(1, 4) > 1 ? random.pick(all) : i;
  const target = random.pick<() => object>([
    () => ({ a: some(), [Symbol.for('s')]: some() }),
    () => [some(), some(), some()],
    () => Object.assign(() => undefined, { a: some() }),
    () => Object.create(all.length > 0 ? random.pick(all) : null) as object,
    () => Object.assign(new Uint8Array(2), { extra: some() }),
    () => Object.assign(new Error(`e${i}`), { about: some() }),
    () => new Map([[some(), some()]]),
    () =>
      Object.defineProperty({}, 'x', {
        get: Object.assign(() => asked.push('getter'), { of: some() }),
        ...(random.integer(0, 1) === 1 ? { set: () => undefined } : {}),
        configurable: random.integer(0, 1) === 1,
      }),
  ])();
  return random.integer(1, 6) === 1
    ? proxyOf(random, target, asked, i)
    : target;
};

const proxyOf = (
  random: Random,
  target: object,
  asked: string[],
  i: number,
): object => {
  const bad = random.integer(1, 6) === 1 ? random.pick(traps) : undefined;
  return new Proxy(
    target,
    Object.fromEntries(
      traps.map((trap) => [
        trap,
        (...args: [object, never, never]) => {
          asked.push(`${i} ${trap} ${String(args[1])}`);
          if (trap === bad) throw Error(`no ${trap}`);
          return (Reflect[trap] as (...given: unknown[]) => unknown)(...args);
        },
      ]),
    ),
  );
};

const connect = (random: Random, from: object, to: object, i: number): void => {
  try {
    Object.defineProperty(from, `later${i}`, {
      value: to,
      writable: random.integer(0, 1) === 1,
      configurable: random.integer(0, 1) === 1,
      enumerable: true,
    });
  } catch {
    // a proxy that throws
  }
};
