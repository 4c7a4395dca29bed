/**
 * An interface guard of `@endo/patterns`, as it travels in smallcaps, told as
 * text: `{ openPurse: "(owner: string) → purse" }` becomes
 * `openPurse: (string) → remotable`.
 */
import type { CapData } from '@ocap/kernel-utils';
import { describePattern, isRecord, isTagged } from './describe-pattern.ts';

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
