/** Names that every object inherits, in what clients say: methods, keys, petnames, ids. */
import { isDeepStrictEqual } from 'node:util';
import type { Json } from '@ocap/kernel-utils';
import type { Fact } from './facts.ts';
import { factOf, outcomeOf, own } from './outcome-of.ts';
import { inherited, special } from './pollution.ts';
import type { ScoreDaemon } from './score-daemon.ts';

export const asRpcMethods = async ({
  client,
}: ScoreDaemon): Promise<readonly Fact[]> => {
  const facts: Fact[] = [];
  for (const name of [...inherited, ...special]) {
    const method = await outcomeOf(client.rpc(name, []));
    facts.push(factOf(`the RPC method ${name}`, method, /^-32601 /u));
    const params = await outcomeOf(
      client.rpc('getStatus', own(name, { polluted: 1 })),
    );
    facts.push(factOf(`the RPC parameter ${name}`, params, /^-32602 /u));
    const level = await outcomeOf(client.rpc('setLogLevel', [name]));
    facts.push(factOf(`the log level ${name}`, level, /^-32602 /u));
  }
  return facts;
};

/** An object has the methods that it defines, and no others. */
export const asMethods = async (
  { client }: ScoreDaemon,
  root: string,
): Promise<readonly Fact[]> => {
  const facts: Fact[] = [];
  for (const name of [
    ...inherited,
    ...special,
    '__proto__.hi',
    '@@iterator',
    '',
  ]) {
    const found = await outcomeOf(client.call(root, name));
    facts.push(
      factOf(
        `the method ${name} of an object`,
        found,
        /^(?:1001 CALL_REJECTED .*(?:method|deliver)|-32602 |1000 ARGUMENT_INVALID)/u,
      ),
    );
  }
  const found = await outcomeOf(client.call(root, 'hi'));
  facts.push(factOf('a method of its own', found, /^answered "hi"$/u));
  return facts;
};

/** As data they come back as they were, or are refused; nothing is read into them. */
export const asKeys = async (
  { client }: ScoreDaemon,
  root: string,
): Promise<readonly Fact[]> => {
  const facts: Fact[] = [];
  const values: readonly Json[] = [{ polluted: 1 }, 'text', null, [1]];
  for (const name of [...inherited, ...special]) {
    for (const value of values) {
      const data = { list: [own(name, value)], ...own(name, value) };
      const found = await client
        .call(root, 'echo', data)
        .catch((thrown: unknown) => thrown);
      facts.push({
        fact: `the key ${name} with ${JSON.stringify(value)} comes back`,
        holds: isDeepStrictEqual(found, data),
        found: found instanceof Error ? found.message : JSON.stringify(found),
      });
    }
    const ref = await outcomeOf(client.call(root, 'echo', { '@ref': name }));
    facts.push(factOf(`a reference to ${name}`, ref, /^1000 NAME_UNKNOWN /u));
  }
  const polluted = await outcomeOf(client.call(root, 'polluted'));
  facts.push(
    factOf('no value of the vat is polluted', polluted, /^answered false$/u),
  );
  return facts;
};

export const asPetnames = async (
  { client }: ScoreDaemon,
  root: string,
): Promise<readonly Fact[]> => {
  const facts: Fact[] = [];
  for (const name of [...inherited, ...special]) {
    for (const [method, params] of [
      ['describe', [name]],
      ['revoke', [name]],
      ['isRevoked', [name]],
      ['removeName', [name]],
      ['queueMessage', [name, 'hi', []]],
    ] as const) {
      const found = await outcomeOf(
        client.rpc(method, params as unknown as Json),
      );
      facts.push(
        factOf(
          `${method} of ${name}, which is no name yet`,
          found,
          /^(?:1000 NAME_UNKNOWN|-32602) /u,
        ),
      );
    }
    const set = await outcomeOf(client.rpc('setName', [name, root]));
    const isName = /^[A-Za-z]/u.test(name);
    facts.push(
      factOf(
        `the name ${name}`,
        set,
        isName ? /^answered /u : /^1000 NAME_INVALID /u,
      ),
    );
    if (!isName) continue;
    const call = await outcomeOf(client.call(name, 'hi'));
    const removed = await outcomeOf(client.rpc('removeName', [name]));
    facts.push(
      factOf(`a call by the name ${name}`, call, /^answered "hi"$/u),
      factOf(`the end of the name ${name}`, removed, /^answered /u),
    );
  }
  return facts;
};

export const asIds = async (
  { client }: ScoreDaemon,
  root: string,
): Promise<readonly Fact[]> => {
  const facts: Fact[] = [];
  for (const name of [...inherited, ...special]) {
    for (const method of [
      'pingVat',
      'restartVat',
      'terminateVat',
      'terminateSubcluster',
    ]) {
      const found = await outcomeOf(client.rpc(method, [name]));
      facts.push(
        factOf(
          `${method} of ${name}`,
          found,
          /^(?:1000 (?:VAT|SUBCLUSTER)_UNKNOWN|-32602) /u,
        ),
      );
    }
    // A name that was never used is not one that was used for another call.
    for (const time of ['first', 'second']) {
      const found = await outcomeOf(client.send(root, 'hi', [], name));
      facts.push(
        factOf(
          `the request id ${name}, the ${time} time`,
          found,
          /^answered .*hi/u,
        ),
      );
    }
  }
  return facts;
};
