/** The commands of `ocap daemon identity`, announced like those of command-table.ts. */
import type { CommandTable } from './command.ts';

/** `ocap daemon identity` alone shows it. */
export const identityCommands = {
  show: {
    words: '',
    about: 'show the peer id, which is made when it is first asked for',
    load: async () =>
      (await import('./commands/identity-show.ts')).identityShow,
  },
  backup: {
    words: '',
    about: 'show its key as 24 words, to be kept on paper',
    more: `Whoever has the words can pass for this daemon. They do not bring back vats: for these there is:  ocap daemon backup

  ocap daemon identity backup
  (umask 077; ocap daemon identity backup > words.txt)`,
    load: async () =>
      (await import('./commands/identity-backup.ts')).identityBackup,
  },
  restore: {
    words: '',
    about: 'take the key from 24 words that `backup` has shown',
    options: {
      force: {
        type: 'boolean',
        describe: 'also where another identity has vats, which it then loses',
      },
    },
    more: `Asks for the words, or reads them from stdin. The daemon must not run.

  ocap daemon identity restore
  ocap daemon identity restore < words.txt`,
    load: async () =>
      (await import('./commands/identity-restore.ts')).identityRestore,
  },
} satisfies CommandTable;
