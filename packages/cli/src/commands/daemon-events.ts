/**
 * `ocap daemon events`: what has happened to vats, subclusters and grants; with
 * `-f` also what happens from now on, over restarts of the daemon.
 */
import { makeClient, pathsOf } from '@ocap/nodejs/client';
import type { Command } from '../command.ts';
import { makeEventLineFormat } from '../event-line.ts';
import { stopSignal } from '../stop-signal.ts';
import { chooseStyle } from '../style.ts';

const TOPICS = 'vat,subcluster,grant';

export const daemonEvents: Command = async (args, context) => {
  const { home, env, output } = context;
  const follow = args.flag('follow');
  const level = args.text('level') as Level | undefined;
  const cursor = args.text('cursor') ?? (follow ? undefined : 'oldest');
  const style = chooseStyle(output.forPeople, env);
  const format = makeEventLineFormat({ style, raw: !output.forPeople });
  const tellPeople = (text: string): void => {
    if (output.forPeople) {
      output.write(`${style.dim(text)}\n`);
    }
  };

  const stop = follow ? stopSignal(context) : undefined;
  await context.call('ping', []); // Starts the daemon if none runs.
  const client = makeClient({ socketPath: pathsOf(home).socketPath });
  try {
    const topics = (args.text('topics') ?? TOPICS).split(',');
    const subscription = await client.subscribe(topics, {
      ...(cursor !== undefined && { cursor }),
      ...(level !== undefined && { level }),
      onEvent: (event) => output.write(format(event)),
      onLost: () => tellPeople('the daemon has stopped; waiting for the next'),
    });
    if (stop === undefined) {
      // What was before is sent before anything that is asked later is answered.
      await client.call('ping');
    } else {
      await Promise.race([subscription.ended, firing(stop)]);
    }
    tellPeople(
      `go on from here:  ocap daemon events --cursor ${subscription.cursor()}`,
    );
  } finally {
    client.close();
  }
  return undefined;
};

type Level = 'debug' | 'info' | 'warn' | 'error';

const firing = async (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
    }
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
