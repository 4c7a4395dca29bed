/** `ocap daemon status`: whether it runs, and answers. Starts nothing. */
import type { KernelStatus } from '@ocap/kernel';
import { findDaemon, pathsOf } from '@ocap/nodejs/client';
import type { Command } from '../command.ts';
import type { Context } from '../context.ts';
import { daemonUptimeMs } from '../daemon-uptime.ts';
import type { Answer } from '../output.ts';
import { peersText, reachText } from '../peer-text.ts';
import type { Style } from '../style.ts';
import { countText, durationText, homeText } from '../units.ts';

const PING_TIMEOUT_MS = 3_000;

export const daemonStatus: Command = async (_args, context) => {
  const { home, env } = context;
  const shownHome = homeText(home, env['HOME']);
  const pid = findDaemon(pathsOf(home))?.pid;
  try {
    const status = (await context.callIfRunning('getStatus', [], {
      timeoutMs: PING_TIMEOUT_MS,
    })) as KernelStatus | undefined;
    return status === undefined
      ? {
          json: { status: 'not running', home },
          text: () => `not running  ${shownHome}`,
        }
      : await runningAnswer(context, status, pid);
  } catch (error) {
    // Stuck is not the same as absent.
    if (!isTimeout(error)) {
      throw error;
    }
    return {
      json: { status: 'not answering', pid, home },
      text: (style) =>
        `${style.red('not answering')}  pid ${pid ?? 'unknown'}  ${shownHome}\n  end it, nothing that was acknowledged is lost:  ocap daemon stop`,
      exitCode: 1,
    };
  }
};

const isTimeout = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'CALL_TIMEOUT';

const runningAnswer = async (
  context: Context,
  { vats, subclusters, remoteComms, storage }: KernelStatus,
  pid: number | undefined,
): Promise<Answer> => {
  const { home, env } = context;
  const uptimeMs = await daemonUptimeMs(context);
  return {
    json: {
      status: 'running',
      pid,
      home,
      uptimeMs,
      vats: vats.length,
      subclusters: subclusters.length,
      ...(remoteComms !== undefined && { remoteComms }),
      ...(storage !== undefined && { storage }),
    },
    text: (style) =>
      [
        [
          `running  pid ${pid ?? 'unknown'}`,
          ...(uptimeMs === undefined ? [] : [`${durationText(uptimeMs)} up`]),
          `${countText(subclusters.length, 'subcluster')}, ${countText(vats.length, 'vat')}`,
          homeText(home, env['HOME']),
        ].join('  '),
        ...storageLines(storage, style),
        ...remoteLines(remoteComms, style),
      ].join('\n'),
  };
};

const storageLines = (
  storage: KernelStatus['storage'],
  style: Style,
): readonly string[] =>
  storage === undefined
    ? []
    : [
        `  ${style.red('nothing can be stored')} since ${durationText(Date.now() - storage.since)}: ${storage.problem}`,
        '  calls are refused until there is room on the disk of the home',
      ];

/** Of a daemon that was never asked to talk to others there is nothing to say. */
const remoteLines = (
  comms: KernelStatus['remoteComms'],
  style: Style,
): readonly string[] => {
  if (comms === undefined) return [];
  const { peers } = comms;
  return [
    reachText(comms, style),
    ...(peers.length === 0 ? [] : [peersText(peers, Date.now(), style)]),
  ];
};
