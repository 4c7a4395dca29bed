/**
 * Looks at a home all the time, from before it is made, in a process of its own:
 * at the modes of everything in it as its owner sees them, or at what another
 * user can get out of it.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

export type Seen = Readonly<{
  /** `path mode`, each once; the path within the home, `.` for itself. */
  modes: readonly string[];
  /** What could be listed, read or connected to. */
  got: readonly string[];
  /** How often it has looked. */
  looks: number;
}>;

export type ModeEye = Readonly<{ close(): Promise<Seen> }>;

type Options = Readonly<{
  home: string;
  /** As whom; by default as this process. */
  uid?: number;
  node?: string;
}>;

// Text, so that a user to whom this file is closed can run it.
const code = `
const fs = require('node:fs');
const { join, relative } = require('node:path');
const [home, isOther] = process.argv.slice(1);
const names = ['daemon.log', 'daemon.sock', 'daemon.lock', 'daemon.pid', 'daemon.start',
  'kernel.sqlite', 'kernel.sqlite-wal', 'identity.key', 'relay'];
const modes = new Set();
const got = new Set();
let looks = 0;
const note = (path) => {
  try {
    const mode = fs.lstatSync(path).mode & 0o7777;
    modes.add((relative(home, path) || '.') + ' ' + mode.toString(8));
  } catch {}
};
const list = (folder) => {
  try { return fs.readdirSync(folder); } catch { return []; }
};
const read = (name) => {
  try {
    fs.closeSync(fs.openSync(join(home, name), 'r'));
    got.add('read ' + name);
  } catch {}
};
const look = () => {
  for (let i = 0; i < 50; i += 1) {
    looks += 1;
    note(home);
    const found = list(home);
    if (isOther === 'yes') {
      for (const name of found) got.add('listed ' + name);
      names.forEach(read);
    }
    for (const name of found) note(join(home, name));
  }
  setImmediate(look);
};
process.stdin.on('end', () => {
  process.stdout.write(JSON.stringify({ modes: [...modes], got: [...got], looks }), () => process.exit(0));
}).resume();
process.stdout.write('{}\\n');
look();
`;

export const openModeEye = async ({
  home,
  uid,
  node = process.execPath,
}: Options): Promise<ModeEye> => {
  const isOther = uid === undefined ? 'no' : 'yes';
  const child = spawn(node, ['-e', code, home, isOther], {
    cwd: '/',
    stdio: ['pipe', 'pipe', 'inherit'],
    ...(uid !== undefined && { uid, gid: uid }),
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (more: string) => {
    text += more;
  });
  await once(child.stdout, 'data');
  return {
    close: async () => {
      child.stdin.end();
      await once(child, 'close');
      return JSON.parse(text.split('\n').at(-1) ?? '') as Seen;
    },
  };
};
