/**
 * Secrets wherever a daemon gets to see some, each an odd word that is easily
 * found; and whether one of them is in the log, at its most talkative.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, type Json } from '@ocap/kernel-utils';
import { vatSource } from '../../../packages/nodejs/src/testing/vat-source.ts';
import type { Fact } from './facts.ts';
import { textOfLogs } from './log-files.ts';
import { sayLine } from './say-line.ts';
import type { ScoreDaemon } from './score-daemon.ts';

const keeper = `
  if (parameters.fails) throw Error('it does not start');
  return makeDefaultExo('Keeper', {
    keep: (secret) => { baggage.init('kept', secret); },
    refuse: (secret) => { throw Error('no'); },
    die: (secret) => { vatPowers.exitVatWithFailure(Error('gave up')); },
  });`;

export const secretFacts = async (
  daemon: ScoreDaemon,
): Promise<readonly Fact[]> => {
  const { client, home } = daemon;
  const secrets = new Map<string, string>();
  const secret = (where: string): string => {
    const word = `s${randomBytes(16).toString('hex')}`;
    secrets.set(word, where);
    return word;
  };
  const ignore = async (call: Promise<unknown>): Promise<unknown> =>
    call.catch(messageOf);
  await client.rpc('setLogLevel', { level: 'debug' });

  const launch = async (parameters: Json) =>
    daemon.launch({
      bootstrap: 'main',
      vats: { main: { bundleSpec: vatSource(keeper), parameters } },
    });
  const { rootKref } = await launch({ password: secret('a parameter') });
  await ignore(launch({ fails: true, password: secret('one of a failure') }));
  for (const method of ['keep', 'refuse', 'nothing', 'die']) {
    const argument = secret(`an argument of ${method}`);
    await ignore(client.call(rootKref, method, argument));
  }
  await ignore(client.rpc(secret('a method of the socket'), []));
  await ignore(client.rpc('ping', { password: secret('wrong params') }));
  await ignore(
    client.rpc('executeDBQuery', { sql: `SELECT '${secret('a query')}'` }),
  );
  await ignore(
    client.rpc('executeDBQuery', { sql: `DROP ${secret('bad SQL')}` }),
  );
  await sayLine(
    home.socketPath,
    Buffer.from(
      `{"jsonrpc":"2.0","id":1,"params":["${secret('a broken line')}\n`,
    ),
  );
  await ignore(
    client.rpc('redeemOcapURL', { url: `ocap:${secret('a wrong URL')}@x` }),
  );
  const { rootKref: shared } = await launch({});
  const { url } = (await client.rpc('issueOcapURL', { kref: shared })) as {
    url: string;
  };
  // What is before the peer is what may not be known.
  secrets.set(url.slice('ocap:'.length, url.indexOf('@')), 'a URL');
  await ignore(client.rpc('redeemOcapURL', { url }));
  const seed = readFileSync(join(home.dir, 'identity.key'), 'utf8').trim();
  secrets.set(seed, 'the identity');
  await client.rpc('setLogLevel', { level: 'info' });

  const text = textOfLogs(home);
  return [...secrets].map(([word, where]) => ({
    fact: `a secret in ${where} is not in the log`,
    holds: !text.includes(word),
  }));
};
