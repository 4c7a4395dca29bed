/** A delivery of the kernel as liveslots takes it, without what it would stumble over. */
import harden from '@endo/harden';
import type { CapData, VRef } from '@ocap/kernel-utils';
import type { Delivery } from './protocol.ts';
import { isReadable, isReadableCall } from './readable.ts';

// What every object inherits is not what it offers to others. liveslots would
// call `constructor` or `toString` if a message named them.
const inherited = Object.getOwnPropertyNames(Object.prototype).join('|');
const inheritedCall = new RegExp(`^#\\["(?:${inherited})"`, 'u');

export const forLiveslots = (
  delivery: Delivery | readonly ['startVat', CapData<VRef>],
): unknown => {
  if (delivery[0] === 'turn') {
    // Asks for nothing, but has liveslots wait for the promise queue to run
    // empty and write out what it holds back.
    return ['changeVatOptions', {}];
  }
  if (delivery[0] === 'notify') {
    return [
      'notify',
      delivery[1].map((resolution) =>
        isReadable(resolution[2])
          ? resolution
          : [resolution[0], true, unreadableAnswer],
      ),
    ];
  }
  if (delivery[0] !== 'message') {
    return delivery;
  }
  const [, target, { methargs, result }] = delivery;
  return [
    'message',
    target,
    {
      methargs: callThatGetsThrough(methargs),
      ...(result === null ? {} : { result }),
    },
  ];
};

/** A call that must not get through becomes one of a method that nobody has. */
const callThatGetsThrough = (methargs: CapData<VRef>): CapData<VRef> => {
  const { body, slots } = methargs;
  if (!isReadableCall(methargs)) {
    // With what came along, so that the vat can drop it again.
    const args = slots.map(
      (slot, i) => `${slot.startsWith('p') ? '&' : '$'}${i}`,
    );
    return {
      body: `#${JSON.stringify(['a call that cannot be read', args])}`,
      slots,
    };
  }
  return inheritedCall.test(body)
    ? { body: body.replace('#["', '#["inherited '), slots }
    : methargs;
};

const unreadableAnswer: CapData<VRef> = harden({
  body: `#${JSON.stringify({
    '#error': 'The answer cannot be read: its sender broke the encoding.',
    name: 'Error',
  })}`,
  slots: [],
});
