/** `docs/limits.md`: every cap of the system. */
import { amountText } from '../../packages/kernel-utils/src/limit-amount.ts';
import { limits, type Limit } from '../../packages/kernel-utils/src/limits.ts';
import { code, page, table } from './markdown.ts';

export const limitsPage = (): string =>
  page('`packages/kernel-utils/src/limits.ts`', [
    '# Limits',
    'A limit ends the one thing that goes beyond it; nothing else notices. `crankBytes` and `consoleLineBytes` count the characters of text.',
    'Each can be set otherwise, in [`config.json`](operations.md#limits) or with `ocap daemon start --limit deliveryMs=20s`; `ocap daemon limits` tells what applies.',
    table(
      ['limit', 'value', 'what it stops'],
      Object.entries<Limit>(limits).map(([name, limit]) => [
        code(name),
        amountText(limit),
        limit.stops,
      ]),
    ),
  ]);
