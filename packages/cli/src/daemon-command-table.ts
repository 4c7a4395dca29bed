/** The commands of `ocap daemon`, announced like those of command-table.ts. */
import type { CommandTree } from './command.ts';
import { identityCommands } from './identity-command-table.ts';
import { serviceCommands } from './service-command-table.ts';
import { redeemCommand } from './command-table.ts';

/** What is said to a daemon that is to start. */
const startOptions = {
  'log-level': {
    type: 'string',
    choices: ['debug', 'info', 'warn', 'error'],
    describe: 'how much the daemon writes to its log',
  },
  listen: {
    type: 'string',
    describe: 'where other daemons reach it: a port, host:port or multiaddr',
  },
  relay: {
    type: 'string',
    describe: 'a relay at which others reach it: a multiaddr',
  },
  'local-relay': {
    type: 'boolean',
    describe: 'the relay that `ocap relay start` has started here',
  },
  limit: {
    type: 'string',
    describe: 'a limit until it ends, like deliveryMs=20s',
  },
} as const;

export const daemonCommands: CommandTree = {
  start: {
    words: '',
    about: 'start the daemon (every command that needs it does)',
    options: startOptions,
    more: `--listen and --relay can be given several times, also while it runs. They take the place of those given before, and are remembered: it is reachable there after every start.

  ocap daemon start --listen 4001
  ocap daemon start --limit hostHeapBytes=512MiB
  ocap daemon start --relay /dns4/relay.example.net/tcp/443/wss/p2p/12D3KooW…`,
    load: async () => (await import('./commands/daemon-start.ts')).daemonStart,
  },
  stop: {
    words: '',
    about: 'stop the daemon; everything is kept',
    load: async () => (await import('./commands/daemon-stop.ts')).daemonStop,
  },
  restart: {
    words: '',
    about: 'stop the daemon and start the next; everything is kept',
    options: startOptions,
    load: async () =>
      (await import('./commands/daemon-restart.ts')).daemonRestart,
  },
  status: {
    words: '',
    about: 'whether the daemon runs',
    takesCap: true,
    load: async () =>
      (await import('./commands/daemon-status.ts')).daemonStatus,
  },
  exec: {
    words: '[method] [params-json]',
    about: 'send one JSON-RPC call and print the result',
    takesCap: true,
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
    takesCap: true,
    completes: 'names',
    more: `The arguments are one JSON array. For decoded values: ocap call

  ocap daemon queueMessage ko4 deposit '[{"@ref": "alice"}, 100]'`,
    load: async () =>
      (await import('./commands/daemon-queue-message.ts')).daemonQueueMessage,
  },
  'redeem-url': redeemCommand,
  grant: {
    words: '<object|subcluster|status>',
    about: 'make a file that gives whoever has it a part of this daemon',
    completes: 'names',
    options: {
      ttl: {
        type: 'string',
        describe: 'it ends after so long: 90s, 10min, 2h, 7d',
      },
      as: { type: 'string', describe: 'what you call it, and the file' },
      out: {
        type: 'string',
        describe: 'the file (<name>.ocap); it must not be there yet',
      },
    },
    more: `An object, by name or reference: to call it and what its answers bring. A subcluster: to see and control it. status: to see what runs. Commands take the file as --cap.

  ocap daemon grant bank --ttl 2h
  ocap call bank deposit 5 --cap bank.ocap
  ocap daemon grant s1 --as ops --out ~/ops.ocap
  ocap daemon grant status             (an object of that name: @status)`,
    load: async () => (await import('./commands/daemon-grant.ts')).daemonGrant,
  },
  grants: {
    words: '',
    about: 'the access that was given, and when it ends',
    options: {
      all: { type: 'boolean', describe: 'also what has ended' },
    },
    more: 'To end one:  ocap revoke a1',
    load: async () =>
      (await import('./commands/daemon-grants.ts')).daemonGrants,
  },
  identity: {
    about: 'who the daemon is to others: its peer id',
    commands: identityCommands,
    fallback: identityCommands.show,
  },
  service: {
    about: 'run the daemon as a service of this machine',
    commands: serviceCommands,
    fallback: serviceCommands.print,
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
  limits: {
    words: '[limit] [amount]',
    about: 'what is bounded, and by how much; or set one of them',
    more: `With an amount it is set in config.json in the home, from the next start on; "usual" takes that back. Until the daemon ends only:  ocap daemon start --limit

  ocap daemon limits deliveryMs
  ocap daemon limits deliveryMs 20s
  ocap daemon limits deliveryMs usual`,
    load: async () =>
      (await import('./commands/daemon-limits.ts')).daemonLimits,
  },
  audit: {
    words: '',
    about: 'check every rule of the store',
    load: async () => (await import('./commands/daemon-audit.ts')).daemonAudit,
  },
  doctor: {
    words: '',
    about: 'look everything over: files, disk, database, rules of the store',
    more: 'It changes nothing, and works whether or not the daemon runs. Whatever is not as it should be comes with what to do. The exit code is 1 if there is a problem.',
    load: async () =>
      (await import('./commands/daemon-doctor.ts')).daemonDoctor,
  },
  metrics: {
    words: '',
    about: 'how the daemon is doing, in numbers',
    options: {
      prometheus: {
        type: 'boolean',
        describe: 'in the text format of Prometheus, also in a pipe',
      },
    },
    more: `For a collector that reads files:

  ocap daemon metrics --prometheus > /var/lib/node_exporter/ocap.prom`,
    load: async () =>
      (await import('./commands/daemon-metrics.ts')).daemonMetrics,
  },
  backup: {
    words: '<file>',
    about: 'copy all that it keeps into one file, also while it runs',
    more: `Everything that was answered before is in it. Only you can read the file: vats may keep secrets. It is looked through once it is written.

  ocap daemon backup ~/backups/ocap-monday.sqlite`,
    load: async () =>
      (await import('./commands/daemon-backup.ts')).daemonBackup,
  },
  restore: {
    words: '<file>',
    about: 'go back to what `backup` has copied',
    options: {
      force: {
        type: 'boolean',
        describe: 'also where there are vats, which are put aside',
      },
    },
    more: `The daemon must not run. Vats are as they were at the backup. What other daemons have had from here since ends, as they could know more than is known here; what they share by name or URL is had anew.

  ocap daemon stop
  ocap daemon restore ~/backups/ocap-monday.sqlite --force`,
    load: async () =>
      (await import('./commands/daemon-restore.ts')).daemonRestore,
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
