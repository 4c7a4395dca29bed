/**
 * Networks of their own on one machine, as Linux has them: each sees only the
 * wires that it was given, and nothing of it is seen from outside. Removed when
 * the test is over, however it went.
 */
import { existsSync } from 'node:fs';
import { onTestFinished } from 'vitest';
import { run } from './run.ts';

export type Namespace = Readonly<{
  /** The command that runs another one in it. */
  within: readonly string[];
  /** A wire between the two, with these addresses of a network of four at its ends. */
  wire(to: Namespace, own: string, theirs: string): Promise<void>;
  /** For the other end. */
  name: string;
}>;

let made = 0;

/** Why this machine has none; undefined if it has. */
export const namespacesProblem = async (): Promise<string | undefined> => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    return 'network namespaces are made by root on Linux only';
  }
  if (!['/sbin/ip', '/usr/sbin/ip', '/bin/ip'].some(existsSync)) {
    return 'network namespaces need the command ip of iproute2';
  }
  const name = nextName();
  const { code, stderr } = await run('ip', ['netns', 'add', name]);
  await run('ip', ['netns', 'delete', name]);
  return code === 0
    ? undefined
    : `no network namespace can be made here: ${stderr.trim()}`;
};

export const openNamespace = async (): Promise<Namespace> => {
  const name = nextName();
  onTestFinished(async () => {
    await run('ip', ['netns', 'delete', name]);
  });
  await ip('netns', 'add', name);
  await ip('-n', name, 'link', 'set', 'lo', 'up');
  return {
    name,
    within: ['ip', 'netns', 'exec', name],
    wire: async (to, own, theirs) => {
      const device = `wire${(made += 1)}`;
      await ip(
        ...['-n', name, 'link', 'add', device, 'type', 'veth'],
        ...['peer', 'name', device, 'netns', to.name],
      );
      for (const [end, address] of [
        [name, own],
        [to.name, theirs],
      ] as const) {
        await ip('-n', end, 'address', 'add', `${address}/30`, 'dev', device);
        await ip('-n', end, 'link', 'set', device, 'up');
      }
    },
  };
};

const nextName = (): string => `ocap-${process.pid}-${(made += 1)}`;

const ip = async (...words: string[]): Promise<void> => {
  const { code, stderr } = await run('ip', words);
  if (code !== 0) throw Error(`ip ${words.join(' ')}: ${stderr}`);
};
