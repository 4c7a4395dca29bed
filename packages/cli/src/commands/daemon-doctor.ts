/** `ocap daemon doctor`: looks everything over, and says what to do. Starts and changes nothing. */
import type { AuditReport, KernelStatus } from '@ocap/kernel';
import { messageOf, printable } from '@ocap/kernel-utils';
import { examineHome, type Finding } from '@ocap/nodejs/client';
import packageJson from '../../package.json' with { type: 'json' };
import type { Command } from '../command.ts';
import type { Context } from '../context.ts';
import { anotherChance, LISTEN_ADVICE } from '../peer-text.ts';
import type { Style } from '../style.ts';
import { countText } from '../units.ts';

const TIMEOUT_MS = 30_000;

export const daemonDoctor: Command = async (_args, context) => {
  const { home } = context;
  const findings = [
    ...(await examineHome({ home })),
    ...(await askDaemon(context)),
  ];
  const problems = findings.filter(({ state }) => state === 'problem').length;
  const warnings = findings.filter(({ state }) => state === 'warning').length;
  return {
    json: { ok: problems === 0, findings },
    text: (style) =>
      [
        ...findings.map((finding) => findingText(finding, style)),
        problems + warnings === 0
          ? style.green('all is well')
          : `${countText(problems, 'problem')}, ${countText(warnings, 'warning')}`,
      ].join('\n'),
    exitCode: problems === 0 ? 0 : 1,
  };
};

/** What only the daemon can tell, if it runs. */
const askDaemon = async (context: Context): Promise<readonly Finding[]> => {
  const ask = async (method: string): Promise<unknown> =>
    context.callIfRunning(method, [], { timeoutMs: TIMEOUT_MS });
  try {
    const report = (await ask('audit')) as AuditReport | undefined;
    if (report === undefined) {
      return [
        {
          what: 'audit',
          state: 'unknown',
          found: 'only a daemon that runs can check the rules of its store',
          advice: 'ocap daemon start, and then this again',
        },
      ];
    }
    const { remoteComms } = (await ask('getStatus')) as KernelStatus;
    return [
      auditFinding(report),
      ...(remoteComms === undefined ? [] : [peersFinding(remoteComms)]),
      versionFinding(await ask('rpc.discover')),
    ];
  } catch (error) {
    return [
      {
        what: 'daemon',
        state: 'problem',
        found: messageOf(error),
        advice:
          'ocap daemon logs -n 20  may say why; ocap daemon stop  ends it, and nothing that was acknowledged is lost',
      },
    ];
  }
};

const auditFinding = ({ ok, problems }: AuditReport): Finding =>
  ok
    ? { what: 'audit', state: 'ok', found: 'every rule of the store holds' }
    : {
        what: 'audit',
        state: 'problem',
        found: `the store breaks its own rules: ${problems.join('; ')}`,
        advice:
          'this is a defect of ocap: keep a copy (ocap daemon backup <file>) and report it with the log',
      };

/** Of a daemon that talks to others, or would if it could. */
const peersFinding = ({
  addresses,
  problem,
  peers,
}: NonNullable<KernelStatus['remoteComms']>): Finding => {
  const what = 'peers';
  if (problem !== undefined) {
    return { what, state: 'problem', found: problem, advice: LISTEN_ADVICE };
  }
  const cut = peers.find(({ state }) => state === 'cut');
  if (cut !== undefined) {
    return {
      what,
      state: 'warning',
      found: `${cut.peerId} was cut off: ${cut.problem ?? 'nobody knows why'}`,
      advice: anotherChance(cut.peerId),
    };
  }
  const connected = peers.filter(({ state }) => state === 'connected').length;
  return {
    what,
    state: 'ok',
    found: `${countText(addresses.length, 'way')} to reach it, ${connected} of ${countText(peers.length, 'other daemon')} connected`,
  };
};

/** After ocap was renewed, the daemon is that of before until it is stopped. */
const versionFinding = (document: unknown): Finding => {
  const { info } = document as { info: { version: string } };
  const { version } = packageJson;
  return info.version === version
    ? { what: 'version', state: 'ok', found: version }
    : {
        what: 'version',
        state: 'warning',
        found: `the daemon that runs is of version ${info.version}, this command of ${version}`,
        advice: 'ocap daemon stop; the next command starts the other one',
      };
};

const marks = { ok: '✓', warning: '!', problem: '✗', unknown: '?' } as const;

const findingText = (
  { what, state, found, advice }: Finding,
  style: Style,
): string => {
  const colours = { ok: 'green', warning: 'yellow', problem: 'red' } as const;
  const paint = state === 'unknown' ? style.dim : style[colours[state]];
  const line = `${paint(marks[state])} ${what.padEnd(9)} ${printable(found)}`;
  return advice === undefined ? line : `${line}\n  ${' '.repeat(9)} ${advice}`;
};
