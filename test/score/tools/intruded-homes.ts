/**
 * Homes in which another user has a hand: theirs from the beginning, or open to
 * all once, so that they could leave something there. A daemon that used it
 * would run what they say, or write where they want.
 */
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../../support/random.ts';
import type { Fact } from './facts.ts';
import type { OtherUser } from './other-user.ts';
import { openPlace } from './place.ts';
import { sample } from './sample.ts';

/** What they leave in a home that is open to all: code of CommonJS that knows `fs` and `at`. */
const gifts: Readonly<Record<string, string>> = {
  'config.json': `fs.writeFileSync(at('config.json'), '{"limits":{"connections":1}}')`,
  'kernel.sqlite': `fs.writeFileSync(at('kernel.sqlite'), '')`,
  'identity.key': `fs.writeFileSync(at('identity.key'), 'ab'.repeat(32) + '\\n')`,
  'daemon.lock': `fs.writeFileSync(at('daemon.lock'), '')`,
  'daemon.log': `fs.writeFileSync(at('daemon.log'), ''); fs.chmodSync(at('daemon.log'), 0o666)`,
  'daemon.log, a link': `fs.symlinkSync(at('../victim'), at('daemon.log'))`,
  relay: `fs.mkdirSync(at('relay'))`,
};

/** With so many of the gifts, as chance has it. */
export const intrudedFacts = async (
  other: OtherUser,
  count: number,
  random: Random,
): Promise<readonly Fact[]> => {
  const facts: Fact[] = [await ownedByAnother(other), await impostor(other)];
  for (const [name, code] of sample(Object.entries(gifts), count, random)) {
    facts.push(...(await withGift(other, name, code)));
  }
  return facts;
};

const ownedByAnother = async ({ uid }: OtherUser): Promise<Fact> => {
  const { dir, ocap, close } = openPlace();
  try {
    mkdirSync(dir);
    chownSync(dir, uid, uid);
    const { code, stderr } = await ocap(['daemon', 'start']);
    return {
      fact: 'a home of another user is refused, and nothing is made there',
      holds: isRefusal(code, stderr) && !existsSync(join(dir, 'daemon.log')),
      found: `${code}: ${stderr}`,
    };
  } finally {
    await close();
    rmSync(dir, { recursive: true, force: true });
  }
};

/** A server of theirs at our socket, which answers as a daemon would. */
const impostor = async (other: OtherUser): Promise<Fact> => {
  const { dir, ocap, close } = openPlace();
  mkdirSync(dir);
  chmodSync(dir, 0o777);
  const server = await other.serve(
    `require('node:net').createServer((socket) => {
       socket.on('error', () => {}).on('data', (line) => {
         console.log(String(line));
         socket.write(JSON.stringify({ jsonrpc: '2.0', id: JSON.parse(line).id, result: 'pong' }) + '\\n');
       });
     }).listen(process.argv[1] + '/daemon.sock', () => console.log('listening'));`,
    dir,
  );
  try {
    const answers: string[] = [];
    for (const words of [
      ['daemon', 'start'],
      ['call', 'bank', 'deposit', 'secret'],
    ]) {
      const { code, stderr } = await ocap(words);
      answers.push(isRefusal(code, stderr) ? 'refused' : `${code}: ${stderr}`);
    }
    return {
      fact: 'a socket of another user is told nothing',
      holds:
        server.text().trim() === 'listening' &&
        answers.every((answer) => answer === 'refused'),
      found: [...answers, server.text()],
    };
  } finally {
    server.end();
    rmSync(join(dir, 'daemon.sock'), { force: true });
    await close();
  }
};

const withGift = async (
  other: OtherUser,
  name: string,
  code: string,
): Promise<readonly Fact[]> => {
  const { dir, ocap, close } = openPlace();
  const victim = join(dir, '..', 'victim');
  try {
    mkdirSync(dir);
    chmodSync(dir, 0o777);
    writeFileSync(victim, 'mine');
    await other.run(
      `const fs = require('node:fs'); const { join } = require('node:path');
       const at = (name) => join(process.argv[1], name); ${code}`,
      dir,
    );
    const [file = ''] = name.split(',');
    const refused = await ocap(['daemon', 'start']);
    rmSync(join(dir, file), { recursive: true, force: true });
    const taken = await ocap(['daemon', 'start']);
    return [
      {
        fact: `${name} of another user is refused by name`,
        holds:
          isRefusal(refused.code, refused.stderr) &&
          refused.stderr.includes(file),
        found: `${refused.code}: ${refused.stderr}`,
      },
      {
        fact: `${name} of another user: nothing is written where it leads`,
        holds: readFileSync(victim, 'utf8') === 'mine',
      },
      {
        fact: `${name} of another user: without it the home is taken`,
        holds: taken.code === 0,
        found: `${taken.code}: ${taken.stderr}`,
      },
    ];
  } finally {
    await close();
    rmSync(victim, { force: true });
  }
};

const isRefusal = (code: number, stderr: string): boolean =>
  code !== 0 && /another user/u.test(stderr);
