/**
 * What a connection with access to one object can refer to: that object, and
 * what came in answers to it. The c-list of the connection, in which things have
 * the kernel's names: that one knows a kref is of no use without it.
 */
import { fail, isKRef, type KRef } from '@ocap/kernel-utils';

export type HeldReferences = Readonly<{
  /** @throws REF_NOT_HELD, whether it exists or not */
  lookUp(ref: string): KRef;
  /** These came in an answer. */
  learn(refs: readonly KRef[]): void;
  /** Names that stand for it. */
  namesOf(ref: KRef): readonly string[];
}>;

type Options = Readonly<{
  root: KRef;
  /** They stand for the root. */
  names: readonly string[];
  /** So many besides the root; those that came first are forgotten. */
  max: number;
}>;

export const makeHeldReferences = ({
  root,
  names,
  max,
}: Options): HeldReferences => {
  const learned = new Set<KRef>();
  return {
    lookUp: (ref) => {
      if (names.includes(ref)) return root;
      if (isKRef(ref) && (ref === root || learned.has(ref))) return ref;
      throw fail('REF_NOT_HELD', { ref: ref.slice(0, 100) });
    },
    learn: (refs) => {
      for (const ref of refs) {
        // As the newest.
        learned.delete(ref);
        learned.add(ref);
      }
      for (const oldest of learned) {
        if (learned.size <= max) break;
        learned.delete(oldest);
      }
    },
    namesOf: (ref) => (ref === root ? names : []),
  };
};
