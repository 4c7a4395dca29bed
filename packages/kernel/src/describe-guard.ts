/**
 * An interface guard of `@endo/patterns`, as it travels in smallcaps, told as
 * text: `{ openPurse: "(owner: string) → purse" }` becomes
 * `openPurse: (string) → remotable`.
 */
import type { CapData } from '@ocap/kernel-utils';

type Tagged = Readonly<{ '#tag': string; payload: unknown }>;

export type GuardDescription = Readonly<{
  interface?: string;
  guards?: Readonly<Record<string, string>>;
}>;

export const describeGuard = ({ body }: CapData): GuardDescription => {
  const guard: unknown = JSON.parse(body.slice(1));
  if (!isTagged(guard) || guard['#tag'] !== 'guard:interfaceGuard') {
    return {};
  }
  const { interfaceName, methodGuards } = guard.payload as Readonly<{
    interfaceName?: unknown;
    methodGuards?: unknown;
  }>;
  return {
    ...(typeof interfaceName === 'string'
      ? { interface: interfaceName.replace(/^Alleged: /u, '') }
      : {}),
    ...(isRecord(methodGuards) && !isTagged(methodGuards)
      ? {
          guards: Object.fromEntries(
            Object.entries(methodGuards).map(([name, method]) => [
              name,
              describeMethod(method),
            ]),
          ),
        }
      : {}),
  };
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isTagged = (value: unknown): value is Tagged =>
  isRecord(value) && typeof value['#tag'] === 'string' && 'payload' in value;

const describeMethod = (guard: unknown): string => {
  if (!isTagged(guard) || !isRecord(guard.payload)) {
    return '(…)';
  }
  const { argGuards, optionalArgGuards, restArgGuard, returnGuard } =
    guard.payload;
  const list = (guards: unknown): string[] =>
    Array.isArray(guards) ? guards.map(describePattern) : [];
  const parameters = [
    ...list(argGuards),
    ...list(optionalArgGuards).map((text) => `${text}?`),
    ...(isTagged(restArgGuard) ? [`…${describePattern(restArgGuard)}`] : []),
  ];
  return `(${parameters.join(', ')}) → ${describePattern(returnGuard)}`;
};

const describePattern = (pattern: unknown): string => {
  if (!isTagged(pattern)) {
    return typeof pattern === 'string' && pattern.startsWith('#')
      ? pattern.slice(1)
      : JSON.stringify(pattern);
  }
  const { '#tag': tag, payload } = pattern;
  switch (tag) {
    case 'guard:awaitArgGuard':
      return `await ${describePattern(isRecord(payload) ? payload['argGuard'] : payload)}`;
    case 'guard:rawGuard':
      return 'raw';
    case 'match:kind':
    case 'match:remotable':
      return typeof payload === 'string'
        ? payload
        : isRecord(payload) && typeof payload['label'] === 'string'
          ? payload['label']
          : 'remotable';
    case 'match:or':
    case 'match:and':
      return Array.isArray(payload)
        ? payload.map(describePattern).join(tag === 'match:or' ? ' | ' : ' & ')
        : tag;
    default:
      return tag.replace(/^match:/u, '');
  }
};
