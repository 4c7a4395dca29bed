/** A peer of a kernel under test that says word by word what it is told to, as it should be said. */
import { expect } from 'vitest';
import type { MemoryNetwork } from './memory-network.ts';
import { call, data, hello } from './peer-frames.ts';
import type { TestKernel } from './test-kernel.ts';

const PEER = '12D3KooWQK1wnefoLrcVHbbnf5tLzbopUd3K3bFAoJpA7YJgL5pV';

export type Answer = Readonly<{
  rejected: boolean;
  body: string;
  /** The name by which the promise of it may be spoken of until it is forgotten. */
  name: string;
  forget(): void;
}>;

export type VerbatimPeer = Readonly<{
  peerId: string;
  received: readonly string[];
  /** Operations, in a frame. */
  say(...ops: unknown[]): void;
  /** Calls; returns the name of the result. */
  send(target: string, ...methargs: unknown[]): string;
  /** Whether it was told of the result. */
  isTold(name: string): boolean;
  /** Calls, and waits for what it is told of the result. */
  ask(target: string, ...methargs: unknown[]): Promise<Answer>;
}>;

/** It has been given `object`, as `o-1`. */
export const connectVerbatimPeer = async (
  network: MemoryNetwork,
  to: TestKernel,
  toPeerId: string | undefined,
  object: string,
): Promise<VerbatimPeer> => {
  const { link, received } = network.connectAs(PEER, toPeerId ?? '');
  link.send(hello());
  let seq = 0;
  let results = 0;
  const say = (...ops: unknown[]): void => {
    seq += 1;
    link.send(data(ops, { seq }));
  };
  const settlements = (): readonly [string, boolean, { body: string }][] =>
    received
      .map((text) => JSON.parse(text) as { ops?: [string, never][] })
      .flatMap(({ ops = [] }) => ops)
      .flatMap(([name, told]) => (name === 'resolve' ? told : []));
  const toldOf = (name: string) =>
    settlements().find(([told]) => told === name.replace('+', '-'));
  const send = (target: string, ...methargs: unknown[]): string => {
    results += 1;
    const name = `p+${results}`;
    say(call(target, methargs, name));
    return name;
  };
  const ask = async (
    target: string,
    ...methargs: unknown[]
  ): Promise<Answer> => {
    const name = send(target, ...methargs);
    await expect.poll(() => toldOf(name)).toBeDefined();
    const [, rejected = false, { body } = { body: '' }] = toldOf(name) ?? [];
    return { rejected, body, name, forget: () => say(['forget', [name]]) };
  };
  const { url } = await to.kernel.issueOcapURL(object);
  const token = url.slice('ocap:'.length).split('@')[0];
  (await ask('o-0', 'redeem', token)).forget();
  return {
    peerId: PEER,
    received,
    say,
    send,
    isTold: (name: string) => toldOf(name) !== undefined,
    ask,
  };
};
