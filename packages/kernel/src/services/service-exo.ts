/**
 * An exo whose errors keep their code. `makeExo` passes on what a method throws
 * as a plain Error with the same message, so the code is put into the message,
 * in the way in which the kernel's rejections have it.
 */
import { makeExo } from '@endo/exo';
import type { InterfaceGuard } from '@endo/patterns';
import { OcapError } from '@ocap/kernel-utils';

type Method = (...args: never[]) => unknown;

export const makeServiceExo = (
  name: string,
  guard: InterfaceGuard,
  methods: Readonly<Record<string, Method>>,
): object =>
  makeExo(
    name,
    guard,
    Object.fromEntries(
      Object.entries(methods).map(([key, method]) => [key, withCode(method)]),
    ) as Record<string, (...args: unknown[]) => unknown>,
  );

const withCode =
  (method: Method) =>
  (...args: never[]): unknown => {
    try {
      const result = method(...args);
      return result instanceof Promise
        ? result.catch((error: unknown) => {
            throw told(error);
          })
        : result;
    } catch (error) {
      throw told(error);
    }
  };

/** What a method throws, as a caller is to see it. */
export const told = (error: unknown): unknown =>
  error instanceof OcapError
    ? Error(`${error.message} (${error.code})`)
    : error;
