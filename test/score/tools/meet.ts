/** How two daemons of a check come to know each other. */
import type { ScoreDaemon } from './score-daemon.ts';

type Passing = Readonly<{
  from: ScoreDaemon;
  to: ScoreDaemon;
  root: string;
}>;

/** Passes an object of `from`, which can be reached, by its URL; returns what it is called at `to`. */
export const passByUrl = async ({
  from,
  to,
  root,
}: Passing): Promise<string> => {
  const issued = await from.client.rpc('issueOcapURL', { kref: root });
  const { url } = issued as { url: string };
  return String(await to.client.rpc('redeemOcapURL', { url }));
};

/** The same for a daemon that does not listen yet, at which nothing is held for want of a name. */
export const meet = async ({
  name,
  ...passing
}: Passing & Readonly<{ name: string }>): Promise<string> => {
  const { from, to } = passing;
  const listen = ['/ip4/127.0.0.1/tcp/0'];
  await from.client.rpc('initRemoteComms', { listen });
  const kref = await passByUrl(passing);
  await to.client.rpc('setName', [name, kref]);
  return kref;
};
