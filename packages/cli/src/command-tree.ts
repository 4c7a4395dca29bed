/** All commands there are, as they are typed. */
import { namesCommands, topCommands } from './command-table.ts';
import type { CommandTree } from './command.ts';
import { daemonCommands } from './daemon-command-table.ts';
import { relayCommands } from './relay-command-table.ts';

export const commandTree: CommandTree = {
  daemon: { about: 'the daemon itself', commands: daemonCommands },
  names: {
    about: 'the names you gave to objects',
    commands: namesCommands,
    fallback: namesCommands.list,
  },
  relay: {
    about: 'a relay, for daemons that cannot reach each other',
    commands: relayCommands,
  },
  ...topCommands,
};
