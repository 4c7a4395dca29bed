/** Which comment of the migrations explains what. */
import { expect, it } from 'vitest';
import { readComments } from './schema-comments.ts';

const first = `
  -- Every purse,
  -- also an empty one.
  CREATE TABLE purses (
    id    TEXT PRIMARY KEY, -- p1
    -- In the smallest unit.
    sum   INTEGER NOT NULL, -- never negative
    owner TEXT,
    PRIMARY KEY (id)
  ) WITHOUT ROWID;
  CREATE INDEX purses_by_owner ON purses (owner); -- not a column
`;
const second = `
  ALTER TABLE purses ADD COLUMN closed INTEGER; -- epoch ms
`;
const { tables, columns } = readComments([first, second]);

it('takes the lines above a table as its explanation', () => {
  expect([...tables]).toStrictEqual([
    ['purses', 'Every purse, also an empty one.'],
  ]);
});

it('takes what is behind and above a column, also of one that was added later', () => {
  expect([...columns]).toStrictEqual([
    ['purses.id', 'p1'],
    ['purses.sum', 'In the smallest unit. never negative'],
    ['purses.closed', 'epoch ms'],
  ]);
});
