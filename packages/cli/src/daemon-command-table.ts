/** The commands of `ocap daemon`, announced like those of command-table.ts. */
import type { CommandTable } from './command.ts';

export const daemonCommands: CommandTable = {
  start: {
    words: '',
    about: 'start the daemon (every command that needs it does)',
    options: {
      'log-level': {
        type: 'string',
        choices: ['debug', 'info', 'warn', 'error'],
        describe: 'how much the daemon writes to its log',
      },
    },
    load: async () => (await import('./commands/daemon-start.ts')).daemonStart,
  },
  stop: {
    words: '',
    about: 'stop the daemon; everything is kept',
    load: async () => (await import('./commands/daemon-stop.ts')).daemonStop,
  },
  status: {
    words: '',
    about: 'whether the daemon runs',
    load: async () =>
      (await import('./commands/daemon-status.ts')).daemonStatus,
  },
  exec: {
    words: '[method] [params-json]',
    about: 'send one JSON-RPC call and print the result',
    more: `Without a method: getStatus. Relative bundleSpecs in params.config are taken from here.

  ocap daemon exec
  ocap daemon exec launchSubcluster '{"config": {"bootstrap": "a", "vats": {"a": {"bundleSpec": "./a.bundle"}}}}'
  ocap daemon exec rpc.discover`,
    load: async () => (await import('./commands/daemon-exec.ts')).daemonExec,
  },
  repl: {
    words: '[names..]',
    about: 'a prompt that evaluates JavaScript against the names you grant it',
    completes: 'names',
    more: `It runs in a vat of its own and reaches what the names stand for, by default all that you gave, and nothing else.
Lines from a pipe are run one after the other.

  ocap daemon repl bank alice
  ocap> E(bank).deposit(alice, 100)`,
    load: async () => (await import('./commands/daemon-repl.ts')).daemonRepl,
  },
  queueMessage: {
    words: '<target> <method> [args-json]',
    about: 'call a method and print the result as CapData',
    completes: 'names',
    more: `The arguments are one JSON array. For decoded values: ocap call

  ocap daemon queueMessage ko4 deposit '[{"@ref": "alice"}, 100]'`,
    load: async () =>
      (await import('./commands/daemon-queue-message.ts')).daemonQueueMessage,
  },
  logs: {
    words: '[filter]',
    about: 'what the daemon and its vats wrote',
    options: {
      follow: {
        alias: 'f',
        type: 'boolean',
        describe: 'go on as lines are written',
      },
      lines: {
        alias: 'n',
        type: 'string',
        describe: 'only the last so many lines',
      },
    },
    more: 'The filter is a vat or subcluster, by id or by name. In a pipe, or with --json: the raw lines, each a JSON value.',
    load: async () => (await import('./commands/daemon-logs.ts')).daemonLogs,
  },
  events: {
    words: '',
    about: 'what has happened to vats, subclusters and grants',
    options: {
      follow: {
        alias: 'f',
        type: 'boolean',
        describe: 'what happens from now on, or after --cursor',
      },
      topics: {
        type: 'string',
        describe: 'of vat, subcluster, grant and log (vat,subcluster,grant)',
      },
      cursor: {
        type: 'string',
        describe: 'only what came after this event; or "oldest", for all',
      },
      level: {
        type: 'string',
        choices: ['debug', 'info', 'warn', 'error'],
        describe: 'of the topic log, only lines of this level and above',
      },
    },
    more: `In a pipe, or with --json: each event a line of JSON, with the cursor to go on from. An event of type "gap" says that some before it are not kept any more.

  ocap daemon events -f
  ocap daemon events --topics vat,log --cursor e12.1767225600000 -f`,
    load: async () =>
      (await import('./commands/daemon-events.ts')).daemonEvents,
  },
  audit: {
    words: '',
    about: 'check every rule of the store',
    load: async () => (await import('./commands/daemon-audit.ts')).daemonAudit,
  },
  purge: {
    words: '',
    about: 'stop the daemon and delete all that it kept',
    aliases: ['begone'],
    options: {
      force: { type: 'boolean', describe: 'really delete it all' },
    },
    load: async () => (await import('./commands/daemon-purge.ts')).daemonPurge,
  },
};
