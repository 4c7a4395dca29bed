/**
 * What a command that goes on tells as it happens: lines for people, or one
 * line of JSON, `{"event": …}`, for programs.
 */
import { describeFailure } from './describe-failure.ts';
import type { Output } from './output.ts';
import type { Style } from './style.ts';

export type Tell = Readonly<{
  event(
    name: string,
    details: Readonly<Record<string, unknown>>,
    text: (style: Style) => string,
  ): void;
  /** A failure after which the command goes on; `consequence` says how, to people. */
  problem(
    name: string,
    details: Readonly<Record<string, unknown>>,
    error: unknown,
    consequence?: string,
  ): void;
}>;

export const makeTell = (output: Output): Tell => ({
  event: (name, details, text) => {
    output.answer({ json: { event: name, ...details }, text });
  },
  problem: (name, details, error, consequence) => {
    const { lines, json } = describeFailure(error);
    if (output.forPeople) {
      const last = consequence === undefined ? [] : [consequence];
      output.fail({ lines: [...lines, ...last], json });
    } else {
      output.answer({
        json: { event: name, ...details, ...json },
        text: () => '',
      });
    }
  },
});
