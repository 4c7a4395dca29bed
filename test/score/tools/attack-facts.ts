/** Whether an attack ended as it had to: for the attacker, in the log, and for good. */
import type { Json } from '@ocap/kernel-utils';
import type { Account } from '../attacks/attack-process.ts';
import type { Attack } from '../attacks/attack.ts';
import type { Attacked } from './attacked-daemon.ts';
import type { Fact } from './facts.ts';

const SHOWN_CHARS = 300;

export const attackFacts = async (
  { logOf, isCut }: Pick<Attacked, 'logOf' | 'isCut'>,
  { name, ending, told }: Attack,
  account: Account,
): Promise<readonly Fact[]> => {
  const { peerId, isOpen, refused = '', again, problem, heard } = account;
  const about = (fact: string, holds: boolean, found: Json): Fact => ({
    fact: `a peer that ${name}: ${fact}`,
    holds,
    found,
  });
  const isTold = (text: string): boolean =>
    told === undefined || told.test(text);
  const seen: Json = {
    isOpen,
    refused,
    again: again ?? '',
    problem: problem ?? '',
    heard: heard.slice(-SHOWN_CHARS),
  };
  const facts = [
    about(
      `the attack can be played, and brings nothing`,
      problem === undefined,
      seen,
    ),
  ];
  if (ending === 'heard') {
    facts.push(
      about(`is answered ${String(told)}`, isOpen && isTold(heard), seen),
    );
  } else if (ending === 'cut' || ending === 'turned away') {
    facts.push(
      about(
        `is ${ending}, ${String(told)}`,
        !isOpen && refused !== '' && isTold(refused),
        seen,
      ),
    );
  } else if (ending === 'dropped') {
    facts.push(about('is dropped', !isOpen, seen));
  }
  if (
    peerId !== undefined &&
    ['cut', 'turned away', 'dropped'].includes(ending)
  ) {
    const log = logOf(peerId);
    facts.push(
      about(
        `the reason is in the log, ${String(told)}`,
        log !== '' && isTold(log),
        log.slice(-SHOWN_CHARS),
      ),
    );
  }
  if (peerId !== undefined && ending === 'cut') {
    facts.push(
      about(
        'is not listened to again',
        again === 'refused' && (await isCut(peerId)),
        seen,
      ),
    );
  }
  return facts;
};
