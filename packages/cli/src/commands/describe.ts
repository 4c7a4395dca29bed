/** `ocap describe`: what an object is, and the methods it has. */
import type { ObjectDescription } from '@ocap/kernel';
import { printable } from '@ocap/kernel-utils';
import { parseTarget } from '../call-arguments.ts';
import type { Command } from '../command.ts';
import type { Style } from '../style.ts';

export const describe: Command = async ({ word }, context) => {
  const target = parseTarget(word(0));
  const about = (await context.call('describe', {
    kref: target,
  })) as ObjectDescription;
  return {
    json: about,
    text: (style) => descriptionText(target, about, style),
  };
};

const descriptionText = (
  target: string,
  {
    kref,
    kind,
    names,
    vat,
    peer,
    state,
    interface: iface,
    methods,
    guards,
  }: ObjectDescription,
  style: Style,
): string => {
  const facts = [
    iface === undefined ? kind : `interface ${iface}`,
    ...(target === kref ? [] : [kref]),
    ...(vat === undefined ? [] : [`in ${vat}`]),
    ...(peer === undefined ? [] : [`on ${peer}`]),
    ...(state === 'live' ? [] : [state]),
  ];
  const otherNames = names.filter((name) => name !== target);
  return [
    `${style.bold(target)}  ${printable(facts.join('  '))}`,
    ...(otherNames.length === 0
      ? []
      : [`  also named ${otherNames.join(', ')}`]),
    ...(methods ?? []).map((method) =>
      printable(`  ${method}${guards?.[method] ?? ''}`),
    ),
  ].join('\n');
};
