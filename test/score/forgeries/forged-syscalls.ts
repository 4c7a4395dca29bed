/** Syscalls that no vat may make: of references that are not its own, and of too many. */
import { call, data, done, good } from '../tools/script.ts';
import { line, repeated, settle, syscalls, type Forgery } from './forgery.ts';

const foreign: readonly Forgery[] = [
  syscalls('sends to an import that it was never given', [
    ['send', 'o-99', call(), null],
  ]),
  syscalls('passes an import that it was never given', [
    ['send', 'o+0', call(['o-99']), null],
  ]),
  syscalls('resolves to an import that it was never given', [
    ['resolve', [['$RESULT', false, data(['o-99'])]]],
  ]),
  syscalls('subscribes to a promise that it was never given', [
    ['subscribe', 'p-77'],
  ]),
  syscalls('sends to the kref of another’s root', [
    ['send', '$VICTIM', call(), null],
  ]),
  syscalls('passes the kref of another’s root', [
    ['send', 'o+0', call(['$VICTIM']), null],
  ]),
  syscalls('resolves to the kref of another’s root', [
    ['resolve', [['$RESULT', false, data(['$VICTIM'])]]],
  ]),
  syscalls('settles a promise by its kref', [settle('kp1')]),
  syscalls('drops the kref of another’s root', [['dropImports', ['$VICTIM']]]),
  syscalls('exits with a reference that it was never given', [
    ['exit', false, data(['o-99'])],
  ]),
];

const wrongDirection: readonly Forgery[] = [
  syscalls('drops what it never had', [['dropImports', ['o-99']]]),
  syscalls('drops an export as if it were an import', [
    ['dropImports', ['o+0']],
  ]),
  syscalls('retires an export as if it were an import', [
    ['retireImports', ['o+0']],
  ]),
  syscalls('retires an import as if it were an export', [
    ['retireExports', ['$OBJECT']],
  ]),
  syscalls('abandons an import as if it were an export', [
    ['abandonExports', ['$OBJECT']],
  ]),
  syscalls('retires an export that it never had', [
    ['retireExports', ['o+77']],
  ]),
  syscalls('uses an import that it has dropped', [
    ['dropImports', ['$OBJECT']],
    ['send', '$OBJECT', call(), null],
  ]),
  syscalls('drops a promise like an object', [['dropImports', ['$PROMISE']]]),
  syscalls('retires an import twice', [
    ['retireImports', ['$OBJECT']],
    ['retireImports', ['$OBJECT']],
  ]),
  syscalls('subscribes to an object', [['subscribe', '$OBJECT']]),
  syscalls('settles an object', [settle('$OBJECT')]),
  syscalls('has an object as the result of a message', [
    ['send', 'o+0', call(), '$OBJECT'],
  ]),
];

const decider: readonly Forgery[] = [
  syscalls('settles a promise that another vat decides', [settle('$PROMISE')]),
  syscalls('settles a promise that it was never given', [settle('p-77')]),
  syscalls('has another’s promise as the result of a message', [
    ['send', 'o+0', call(), '$PROMISE'],
  ]),
  syscalls('settles a promise that it sent as a result', [
    ['send', 'o+0', call(), 'p+5'],
    settle('p+5'),
  ]),
  syscalls('uses one promise as the result of two messages', [
    ['send', 'o+0', call(), 'p+5'],
    ['send', 'o+0', call(), 'p+5'],
  ]),
  syscalls('settles the result of a message that it passed on', [
    ['send', 'o+0', call(), '$RESULT'],
    settle('$RESULT'),
  ]),
  syscalls('settles a promise twice in one breath', [
    [
      'resolve',
      [
        ['p+5', false, data()],
        ['p+5', false, data()],
      ],
    ],
  ]),
  syscalls('settles its result twice in one breath', [
    [
      'resolve',
      [
        ['$RESULT', false, data()],
        ['$RESULT', true, data()],
      ],
    ],
  ]),
  syscalls('settles its result twice, one after the other', [
    settle('$RESULT'),
    settle('$RESULT'),
  ]),
  {
    ...syscalls('settles a result again in a later crank', [
      settle('$PREVIOUS'),
    ]),
    first: { frames: [good] },
  },
  {
    ...syscalls('subscribes to a result that is settled and gone', [
      ['subscribe', '$PREVIOUS'],
    ]),
    first: { frames: [good] },
  },
];

/** The limits of a crank are kept by its own host, which is no longer to be trusted. */
const beyondLimits: readonly Forgery[] = [
  line(
    'sends more messages than a crank may',
    [
      done(['$MANY']).replace(
        '"$MANY"',
        repeated(100_001, JSON.stringify(['send', 'o+0', call(), null])),
      ),
    ],
    'stopped',
  ),
  line(
    'passes more references than a message may carry',
    [
      done([['send', 'o+0', call(['$MANY']), null]]).replace(
        '"$MANY"',
        repeated(4001, '"o+1%i"'),
      ),
    ],
    'stopped',
  ),
  line(
    'writes more than a crank may',
    [
      done([settle('$RESULT')], { writes: ['$MANY'] }).replace(
        '"$MANY"',
        repeated(40, '["k%i","%x"]'),
      ),
    ],
    'stopped',
  ),
];

export const forgedSyscalls: readonly Forgery[] = [
  ...foreign,
  ...wrongDirection,
  ...decider,
  ...beyondLimits,
];
