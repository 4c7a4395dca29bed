/** The service behind the gate: what another kernel can ask for before it has anything. */
import { defineExoClass } from '@endo/exo';
import harden from '@endo/harden';
import { M } from '@endo/patterns';
import { fail, isRemoteId, type RemoteId } from '@ocap/kernel-utils';
import { told } from '../services/service-exo.ts';
import type { Service, ServiceCaller } from '../services/service.ts';
import type { HandOffs } from './hand-off.ts';
import type { Shortcuts } from './shortcuts.ts';
import type { Vouchers } from './vouchers.ts';

/** Anybody may call, so nobody may make that expensive. The addresses of a peer are what is long. */
const MAX_CALL_CHARS = 10_000;

const text = M.string({ stringLengthLimit: 1000 });

const gateGuard = M.interface('Gate', {
  redeem: M.call(text).returns(M.remotable()),
  sync: M.call().optional(M.remotable()).returns(M.promise()),
  vouch: M.call(M.remotable(), text, text).returns(M.undefined()),
  unvouch: M.call(text, M.boolean()).returns(M.undefined()),
  handOff: M.call(
    text,
    text,
    M.arrayOf(text, { arrayLengthLimit: 32 }),
    text,
  ).returns(M.promise()),
});

export type GateKeepers = Readonly<{
  peerIdOf: (remote: string) => string | undefined;
  vouchers: Vouchers;
  handOffs: HandOffs;
  shortcuts: Shortcuts;
}>;

export const makeGate = ({
  peerIdOf,
  vouchers,
  handOffs,
  shortcuts,
}: GateKeepers): Service => {
  // A class, because to make a guarded object for each call takes longer than the call.
  const makeExo = defineExoClass(
    'Gate',
    gateGuard,
    (caller: ServiceCaller) => ({ caller }),
    {
      redeem(token: string) {
        const { caller } = this.state;
        return telling(() => {
          const id = kernelOf(caller);
          const peerId = peerIdOf(id);
          const { kref, issuer } = vouchers.redeem(
            token,
            peerId === undefined ? undefined : { id, peerId },
          );
          // So that it ends for the redeemer when it ends for the issuer.
          caller.passAs(issuer);
          return caller.presenceOf(kref);
        });
      },
      /**
       * Its answer comes after everything that was under way to whoever asks;
       * given an object, also after everything that the caller has sent to it
       * by way of this kernel is with the object's owner.
       */
      async sync(object?: object) {
        const { caller } = this.state;
        return tellingLater(async () =>
          object === undefined
            ? undefined
            : shortcuts.passedOn(caller.krefOf(object)),
        );
      },
      /** The caller has passed the object to that peer, which may have it for the token of this hash. */
      vouch(object: object, peerId: string, hash: string) {
        const { caller } = this.state;
        telling(() =>
          vouchers.vouch(kernelOf(caller), caller.krefOf(object), peerId, hash),
        );
      },
      /** That has ended: it was revoked, or given back. */
      unvouch(hash: string, isRevoked: boolean) {
        const { caller } = this.state;
        telling(() => vouchers.unvouch(kernelOf(caller), hash, isRevoked));
      },
      /** The object of that name is had from that peer for the token. */
      async handOff(
        name: string,
        peerId: string,
        hints: readonly string[],
        token: string,
      ) {
        const { caller } = this.state;
        return tellingLater(async () =>
          handOffs.take(kernelOf(caller), { name, peerId, hints, token }),
        );
      },
    },
  );
  return harden({
    systemOnly: true,
    maxCallChars: MAX_CALL_CHARS,
    smallAnswers: true,
    makeExo,
  });
};

const kernelOf = ({ grantee }: ServiceCaller): RemoteId => {
  if (!isRemoteId(grantee)) {
    throw fail('ARGUMENT_INVALID', { problem: 'only kernels have gates' });
  }
  return grantee;
};

const telling = <Result>(act: () => Result): Result => {
  try {
    return act();
  } catch (error) {
    throw told(error);
  }
};

const tellingLater = async <Result>(
  act: () => Promise<Result>,
): Promise<Result> => {
  try {
    return await act();
  } catch (error) {
    throw told(error);
  }
};
