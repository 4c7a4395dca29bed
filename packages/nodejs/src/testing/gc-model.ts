/**
 * What must be true of one object after each step of a scenario, told from who
 * holds it and without looking at the kernel.
 */
import type { Style } from './gc-vats.ts';

/** What happens to an importer's hold; the exporter's own event is `exporter`. */
export const events = [
  'a drops',
  'a retires',
  'b drops',
  'b retires',
  'exporter',
] as const;
export type Event = (typeof events)[number];
export type ExporterEvent = 'drops' | 'terminates' | 'restarts';

export const holders = ['nobody', 'petname', 'lease'] as const;
export type Holder = (typeof holders)[number];

export type Thing = {
  readonly label: string;
  readonly order: readonly Event[];
  readonly holder: Holder;
  readonly styles: Readonly<Record<'a' | 'b', Style>>;
  kref: string;
  /** What still holds it. */
  held: boolean;
  strong: Record<'a' | 'b', boolean>;
  weak: Record<'a' | 'b', boolean>;
  /** The exporter's own hold. */
  own: boolean;
  /** Whether its vat could still answer for it. */
  answerable: boolean;
};

export const isReachable = ({ held, strong }: Thing): boolean =>
  held || strong.a || strong.b;

/** Whether the kernel must still know the object. */
export const isKnown = (thing: Thing): boolean =>
  isReachable(thing) ||
  (thing.answerable && thing.own && (thing.weak.a || thing.weak.b));

/** `strong`, `weak` or nothing, as the importer's c-list must say it. */
export const importOf = (
  thing: Thing,
  importer: 'a' | 'b',
): 'strong' | 'weak' | undefined => {
  if (!isKnown(thing)) {
    return undefined;
  }
  if (thing.strong[importer]) {
    return 'strong';
  }
  return thing.weak[importer] ? 'weak' : undefined;
};

/** Every order of the importers' four events with the exporter's at one place. */
export const ordersWith = (exporterAt: number): (readonly Event[])[] =>
  permutations(events.slice(0, 4)).map((order) => [
    ...order.slice(0, exporterAt),
    'exporter' as const,
    ...order.slice(exporterAt),
  ]);

const permutations = <T>(items: readonly T[]): T[][] =>
  items.length < 2
    ? [[...items]]
    : items.flatMap((item, i) =>
        permutations(items.filter((_, k) => k !== i)).map((rest) => [
          item,
          ...rest,
        ]),
      );
