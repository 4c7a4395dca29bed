/** Two daemons of a check that come to know each other. */
import type { ScoreDaemon } from './score-daemon.ts';

/** What the object of the other daemon is called here, once they know each other. */
export const meet = async ({
  daemon,
  far,
  root,
}: Readonly<{
  daemon: ScoreDaemon;
  far: ScoreDaemon;
  root: string;
}>): Promise<string> => {
  await far.client.rpc('initRemoteComms', {
    listen: ['/ip4/127.0.0.1/tcp/0'],
  });
  const { url } = (await far.client.rpc('issueOcapURL', { kref: root })) as {
    url: string;
  };
  const name = 'far-importer';
  const kref = String(await daemon.client.rpc('redeemOcapURL', { url }));
  await daemon.client.rpc('setName', [name, kref]);
  return name;
};
