/** The commands of `ocap daemon service`, announced like those of command-table.ts. */
import type { CommandTable } from './command.ts';

const options = {
  manager: {
    type: 'string',
    choices: ['systemd', 'launchd'],
    describe: 'for which service manager (that of this system)',
  },
  user: {
    type: 'boolean',
    describe: 'of this user and not of the machine, also for root',
  },
  name: { type: 'string', describe: 'what the service is called (ocap)' },
} as const;

export const serviceCommands = {
  print: {
    words: '',
    about: 'what a service manager needs to run the daemon',
    options,
    load: async () =>
      (await import('./commands/daemon-service.ts')).servicePrint,
  },
  install: {
    words: '',
    about: 'write it where the service manager finds it',
    options: {
      ...options,
      force: { type: 'boolean', describe: 'over another one of that name' },
    },
    more: 'Of the user who runs it; as root, of the machine. It begins nothing: the commands that do are shown.',
    load: async () =>
      (await import('./commands/daemon-service.ts')).serviceInstall,
  },
} as const satisfies CommandTable;
