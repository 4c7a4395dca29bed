/** A vat with more durable rows than the daemon keeps in memory, so that reading them reads the disk. */
import { messageOf } from '@ocap/kernel-utils';
import type { Random } from '../../support/random.ts';
import { launchVat } from './launch-vat.ts';
import type { ScoreDaemon } from './score-daemon.ts';

const ROWS = 2000;
const ROWS_AT_ONCE = 200;
const READ_AT_ONCE = 10;

const textOf = (row: number): string => `row ${row} `.repeat(500);

const library = `
  if (!baggage.has('rows')) baggage.init('rows', VatData.makeScalarBigMapStore('rows', { durable: true }));
  const rows = baggage.get('rows');
  return makeDefaultExo('Library', {
    fill: (from, count) => {
      for (let row = from; row < from + count; row += 1) rows.init(row, ('row ' + row + ' ').repeat(500));
    },
    read: (row) => rows.get(row),
  });`;

export type ColdLibrary = Readonly<{
  /** Has its vat begin anew, and reads some rows; says what is not as it was written. */
  read(random: Random): Promise<readonly string[]>;
}>;

export const openColdLibrary = async (
  daemon: ScoreDaemon,
): Promise<ColdLibrary> => {
  const { id, root } = await launchVat(daemon, library);
  await daemon.client.rpc('setName', ['library', root]);
  for (let from = 0; from < ROWS; from += ROWS_AT_ONCE) {
    await daemon.client.call('library', 'fill', from, ROWS_AT_ONCE);
  }
  return {
    read: async (random) => {
      const client = daemon.openClient();
      // What is not answered is nothing wrong.
      await client.rpc('restartVat', { id }).catch(messageOf);
      const rows = Array.from({ length: READ_AT_ONCE }, () =>
        random.integer(0, ROWS - 1),
      );
      const wrong: string[] = [];
      for (const row of rows) {
        const found = await client
          .call('library', 'read', row)
          .catch(() => undefined);
        if (found !== undefined && found !== textOf(row)) {
          wrong.push(`row ${row} is ${JSON.stringify(found).slice(0, 50)}`);
        }
      }
      client.close();
      return wrong;
    },
  };
};
