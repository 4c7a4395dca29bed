/** A daemon that anybody can reach, an honest peer of it, and what both have to say when all is over. */
import { readFileSync } from 'node:fs';
import type { RemoteCommsStatus } from '@ocap/kernel';
import { limits, type Limit } from '@ocap/kernel-utils';
import type { Target } from '../attacks/attack.ts';
import type { ScoreRun } from './check.ts';
import type { Fact } from './facts.ts';
import { launchVat } from './launch-vat.ts';
import {
  openRemoteBystander,
  type RemoteBystander,
} from './remote-bystander.ts';
import type { ScoreDaemon } from './score-daemon.ts';

const listen = ['/ip4/127.0.0.1/tcp/0'];

/** For whoever has its token. It counts what it is told to count. */
const toy = `
  let count = 0;
  return makeDefaultExo('Toy', {
    count: () => { count += 1; return count; },
    wait: (it) => Promise.resolve(it).then(() => 'it came'),
    call: (it) => E(it).ping(),
    read: () => count,
    repeat: (length) => 'x'.repeat(length),
  });`;

export type Attacked = Readonly<{
  daemon: ScoreDaemon;
  target: Target;
  bystander: RemoteBystander;
  /** The messages of its log about this peer. */
  logOf(peerId: string): string;
  /** Whether it will listen to this peer no more. */
  isCut(peerId: string): Promise<boolean>;
  /** `arrivals`: messages that the object behind the token rightly got. */
  facts(arrivals: number): Promise<readonly Fact[]>;
}>;

export const openAttacked = async (
  openDaemon: ScoreRun['openDaemon'],
  /** What a large attack has of its full size. */
  scale: number,
): Promise<Attacked> => {
  const scaled = ({ value }: Limit): number => Math.floor(value * scale);
  const config = {
    limits: {
      remoteAnswerBytes: scaled(limits.remoteAnswerBytes),
      remoteParkedMessages: scaled(limits.remoteParkedMessages),
    },
  };
  const [daemon, honest] = await Promise.all([
    openDaemon({ config }),
    openDaemon(),
  ]);
  const [here, there] = await Promise.all([
    reachable(daemon),
    reachable(honest),
  ]);
  const bystander = await openRemoteBystander(daemon, honest);
  const { root } = await launchVat(daemon, toy);
  const remote = `SELECT * FROM remotes WHERE peer_id = '${there.peerId}'`;
  const [before] = await daemon.query(remote);
  const target: Target = {
    address: addressOf(here),
    honest: {
      address: addressOf(there),
      ours: String(before?.['session']),
      theirs: String(before?.['their_session']),
    },
    token: await tokenFor(daemon, root),
    tokenForHonest: await tokenFor(daemon, root, there.peerId),
  };
  const count = async ({ query }: ScoreDaemon, sql: string): Promise<unknown> =>
    (await query(`SELECT count(*) AS n FROM ${sql}`))[0]?.['n'];

  return {
    daemon,
    target,
    bystander,
    logOf: (peerId) =>
      readFileSync(daemon.home.logPath, 'utf8')
        .split('\n')
        .filter((line) => line.includes(peerId))
        .join('\n'),
    isCut: async (peerId) =>
      (await daemon.status()).remoteComms?.peers.some(
        (peer) => peer.peerId === peerId && peer.state === 'cut',
      ) === true,
    facts: async (arrivals) => {
      const [after] = await daemon.query(remote);
      const isSame = (name: string): boolean =>
        before?.[name] === after?.[name];
      const arrived = await daemon.client.call(root, 'read');
      const links = await count(
        honest,
        `events WHERE topic = 'remote' AND type = 'connected'`,
      );
      const others = `clist JOIN remotes ON endpoint = remotes.id WHERE peer_id <> '${there.peerId}'`;
      const stolen = await count(
        daemon,
        `${others} AND kref IN (SELECT kref FROM objects WHERE owner LIKE 'v%' AND kref <> '${root}')`,
      );
      const kept = await count(
        daemon,
        `${others} AND cut IS NOT NULL AND vref NOT IN ('o+0', 'o-0')`,
      );
      return [
        {
          fact: 'the object of the attackers has what they rightly sent to it, once',
          holds: arrived === arrivals,
          found: `${String(arrived)} and not ${arrivals}`,
        },
        {
          fact: 'no attacker holds an object of a vat that it was not given',
          holds: stolen === 0,
          found: String(stolen),
        },
        {
          fact: 'nothing is left of what peers had that were cut off',
          holds: kept === 0,
          found: String(kept),
        },
        {
          fact: 'the honest peer is known as before, on the link that it had',
          holds:
            ['session', 'their_session', 'cut'].every(isSame) && links === 1,
          found: { ...after, links: String(links) },
        },
      ];
    },
  };
};

const reachable = async ({ client }: ScoreDaemon): Promise<RemoteCommsStatus> =>
  (await client.rpc('initRemoteComms', { listen })) as RemoteCommsStatus;

const addressOf = ({ addresses, peerId }: RemoteCommsStatus): string =>
  `${addresses[0]}/p2p/${peerId}`;

const tokenFor = async (
  { client }: ScoreDaemon,
  kref: string,
  peer?: string,
): Promise<string> => {
  const options = peer === undefined ? {} : { peer };
  const issued = await client.rpc('issueOcapURL', { kref, options });
  const { url } = issued as { url: string };
  return /^ocap:([0-9a-f]+)@/u.exec(url)?.[1] ?? '';
};
