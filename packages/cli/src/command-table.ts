/**
 * All commands, by the words that name them. Announced here, so that help and
 * completion need none of them loaded.
 */
import type { Options } from 'yargs';
import type { CommandEntry, CommandTable } from './command.ts';

const selfContained: Options = {
  type: 'boolean',
  describe: 'bundle the standard modules in too',
};

const listening: Readonly<Record<string, Options>> = {
  port: {
    type: 'string',
    describe: 'at which port (3000); 0 takes any that is free',
  },
  host: {
    type: 'string',
    describe: 'at which address of this machine (127.0.0.1)',
  },
};

/** Also `ocap daemon redeem-url`. */
export const redeemCommand: CommandEntry = {
  words: '<url>',
  about: 'get the object that a URL stands for',
  options: {
    as: { type: 'string', describe: 'give it this name' },
  },
  more: '  ocap redeem ocap:3f… --as bank',
  load: async () => (await import('./commands/redeem.ts')).redeem,
};

export const topCommands: CommandTable = {
  launch: {
    words: '<what>',
    about:
      'launch a cluster config, a vat source or bundle, or a folder of these',
    options: {
      as: {
        type: 'string',
        describe: 'its name (else that of the file or folder)',
      },
    },
    more: `A folder is launched by its cluster.json, config.json or index.js. Sources are bundled on the way.

  ocap launch examples/bank
  ocap launch counter.js --as c1`,
    load: async () => (await import('./commands/launch.ts')).launch,
  },
  call: {
    words: '<target> <method> [args..]',
    about: 'call a method of an object',
    takesCap: true,
    completes: 'names',
    options: {
      as: {
        type: 'string',
        describe: 'give the object that comes back this name',
      },
      'request-id': {
        type: 'string',
        describe: 'the same id is applied once, and answered alike ever after',
      },
    },
    more: `An argument is JSON if it parses as JSON, otherwise a string; @name is a reference.

  ocap call bank openPurse alice --as alice
  ocap call bank deposit @alice 100
  ocap call bank note '"100"'            (the string 100)
  ocap call counter add -- -5            (words that begin with "-")`,
    load: async () => (await import('./commands/call.ts')).call,
  },
  ps: {
    words: '',
    about: 'what is running',
    takesCap: true,
    load: async () => (await import('./commands/ps.ts')).ps,
  },
  describe: {
    words: '<target>',
    about: 'what an object is and what it can do',
    takesCap: true,
    completes: 'names',
    load: async () => (await import('./commands/describe.ts')).describe,
  },
  caps: {
    words: '<vat|subcluster|name>',
    about: 'what it can reach, and how it came to have it',
    takesCap: true,
    completes: 'names-and-vats',
    more: 'A name stands for the whole subcluster of its object.',
    load: async () => (await import('./commands/caps.ts')).caps,
  },
  revoke: {
    words: '<target> [more..]',
    about: 'end a reference for everybody, or one grant, for good',
    completes: 'names',
    more: `Calls to it fail from now on, also those that wait already. The vat behind it goes on.
A grant, as \`ocap caps\` lists it, ends for its grantee and whoever has it from there; an access, as \`ocap daemon grants\` does, for whoever has its file.

  ocap revoke purse
  ocap revoke g3`,
    load: async () => (await import('./commands/revoke.ts')).revoke,
  },
  share: {
    words: '<target>',
    about: 'make a URL for an object; whoever has it can have the object',
    completes: 'names',
    options: {
      once: { type: 'boolean', describe: 'it can be redeemed once' },
      uses: { type: 'string', describe: 'how often it can be redeemed' },
      ttl: {
        alias: 'expires',
        type: 'string',
        describe: 'it ends after so long: 90s, 10min, 2h, 7d',
      },
      peer: {
        type: 'string',
        describe: 'only the daemon with this peer id can redeem it',
      },
    },
    more: `Other daemons can redeem it where this one is reachable: see \`ocap daemon start --help\`.

  ocap share bank
  ocap share purse --once --ttl 10min
  ocap share bank --peer 12D3KooW…     (as \`ocap daemon identity\` shows it there)`,
    load: async () => (await import('./commands/share.ts')).share,
  },
  redeem: redeemCommand,
  terminate: {
    words: '<vat|subcluster|name>',
    about: 'end a vat or a subcluster, for good',
    takesCap: true,
    completes: 'names-and-vats',
    more: 'A name stands for the whole subcluster of its object. What had been waiting for an answer is told.',
    load: async () => (await import('./commands/terminate.ts')).terminate,
  },
  bundle: {
    words: '<file|folder>',
    about: 'make bundles of vat sources, beside them',
    options: {
      output: {
        alias: 'o',
        type: 'string',
        describe: 'where to: a file, or for a folder a folder',
      },
      'self-contained': selfContained,
    },
    more: 'For a folder: each .js or .ts in it that exports buildRootObject.',
    load: async () => (await import('./commands/bundle.ts')).bundle,
  },
  watch: {
    words: '<file|folder>',
    about: 'make bundles, and again whenever a source changes',
    options: { 'self-contained': selfContained },
    more: 'A source that is broken leaves its bundle as it was.',
    load: async () => (await import('./commands/watch.ts')).watch,
  },
  serve: {
    words: '<folder>',
    about: 'serve the bundles of a folder over HTTP, for development',
    options: listening,
    more: `Bundles (.bundle) and cluster configs (.json), and nothing else; to this machine only, unless --host says otherwise.

  ocap serve bundles                   ("bundleSpec": "http://localhost:3000/counter.bundle")`,
    load: async () => (await import('./commands/serve.ts')).serve,
  },
  start: {
    words: '<folder>',
    about: 'watch and serve a folder',
    options: { ...listening, 'self-contained': selfContained },
    more: 'The daemon needs no starting; if you want to:  ocap daemon start',
    load: async () => (await import('./commands/start.ts')).start,
  },
  dev: {
    words: '<what>',
    about: 'launch it, and upgrade its vats whenever their sources change',
    options: {
      as: {
        type: 'string',
        describe: 'its name (else that of the file or folder)',
      },
      'on-request': {
        type: 'boolean',
        describe: 'upgrade when Enter is pressed, not with every change',
      },
    },
    more: `State is kept. New code that does not start changes nothing: the old goes on. What runs under the name already is upgraded. Ctrl-C leaves it running.

  ocap dev counter.js
  ocap dev examples/bank --on-request`,
    load: async () => (await import('./commands/dev.ts')).dev,
  },
};

/** `ocap names` alone lists them. */
export const namesCommands = {
  list: {
    words: '',
    about: 'the names you gave, and what they stand for',
    load: async () => (await import('./commands/names-list.ts')).namesList,
  },
  set: {
    words: '<name> <target>',
    about: 'give an object a name, which keeps it alive',
    more: '  ocap names set alice ko12',
    load: async () => (await import('./commands/names-set.ts')).namesSet,
  },
  rm: {
    words: '<name>',
    about: 'forget a name',
    completes: 'names',
    more: 'The object may be collected once nothing else refers to it.',
    load: async () => (await import('./commands/names-rm.ts')).namesRemove,
  },
} satisfies CommandTable;
