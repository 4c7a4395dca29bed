/** Petnames: what the user calls an object. A name keeps its object alive. */
import harden from '@endo/harden';
import {
  fail,
  isKRef,
  isPromiseRef,
  isSubclusterId,
  isVatId,
  type KRef,
} from '@ocap/kernel-utils';
import { isGrantId } from './caps.ts';
import { isUrlId } from './ocap-urls.ts';
import type { Clients } from './clients.ts';
import type { KernelContext } from './context.ts';
import type { Kernel } from './kernel-api.ts';

export type Names = Pick<Kernel, 'setName' | 'removeName' | 'listNames'> &
  Readonly<{
    /** The object that a reference or name stands for; throws for a promise. */
    insistObject(target: string): KRef;
    forgetAll(): void;
  }>;

export const isAccessId = (text: string): boolean => /^a[1-9]\d*$/u.test(text);

/** A name is never mistaken for one of the kernel's own. */
const idForms = [
  isKRef,
  isVatId,
  isSubclusterId,
  isGrantId,
  isUrlId,
  isAccessId,
];
const nameForm = /^[A-Za-z][\w.-]{0,63}$/u;

/** @throws NAME_INVALID */
export const insistName = (name: string): void => {
  if (!nameForm.test(name) || idForms.some((is) => is(name))) {
    throw fail('NAME_INVALID', { name });
  }
};

export const makeNames = (
  { store, refs, outbox }: Pick<KernelContext, 'store' | 'refs' | 'outbox'>,
  clients: Clients,
): Names => {
  const insistObject = (target: string): KRef => {
    const kref = clients.resolveRef(target);
    if (isPromiseRef(kref)) {
      const problem = `${target} is a promise; take the object that it settles to`;
      throw fail('ARGUMENT_INVALID', { problem });
    }
    return kref;
  };

  const forget = (name: string, kref: KRef): void =>
    store.savepoint(() => {
      store.names.delete(name);
      refs.release(kref);
      refs.collect();
    });

  return harden({
    insistObject,
    setName: async (name: string, target: string) => {
      insistName(name);
      const kref = insistObject(target);
      const known = store.names.get(name);
      if (known !== undefined && known !== kref) {
        throw fail('NAME_TAKEN', { name, ref: known });
      }
      if (known === undefined) {
        store.savepoint(() => {
          store.names.set(name, kref);
          refs.hold(kref);
        });
      }
      await outbox.committed();
    },
    removeName: async (name: string) => {
      const kref = store.names.get(name);
      if (kref === undefined) {
        throw fail('NAME_UNKNOWN', { name });
      }
      forget(name, kref);
      await outbox.committed();
    },
    listNames: () =>
      [...store.scan().names()].map(([name, kref]) => ({ name, kref })),
    forgetAll: () => {
      for (const [name, kref] of [...store.scan().names()]) {
        forget(name, kref);
      }
    },
  });
};
