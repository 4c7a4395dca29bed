/**
 * What the committed store says of the banks: read from its rows alone, so
 * that it is true no matter what any daemon, host or vat believes.
 */
import type { CapData, VatId } from '@ocap/kernel-utils';
import type { Disk } from './disk.ts';

export type Books = Readonly<{
  /** In all purses. */
  money: number;
  /** Of payments of which their senders do not know yet that they have arrived or come back. */
  moneyUnderWay: number;
  /** How many such payments there are. */
  underWay: number;
  /** How often each request was applied. */
  applied: ReadonlyMap<string, number>;
  /** `bank1 sent:bank2` → how many; by vat id. */
  counts: ReadonlyMap<string, number>;
  problems: readonly string[];
}>;

const ledgerKey =
  /^vc\.\d+\.s(?<name>(?:applied|sent|failed|received|violation).*)$/u;
const watchKey = /^vc\.\d+\.s(?<promise>p[+-]\d+)$/u;

const valueOf = (text: string): unknown =>
  JSON.parse((JSON.parse(text) as CapData).body.slice(1)) as unknown;

export const readBooks = ({ tables }: Disk): Books => {
  let money = 0;
  let moneyUnderWay = 0;
  let underWay = 0;
  const applied = new Map<string, number>();
  const counts = new Map<string, number>();
  const problems: string[] = [];

  const addCount = (vatId: string, name: string, count: number): void => {
    if (name.startsWith('applied:')) {
      const id = name.slice('applied:'.length);
      applied.set(id, (applied.get(id) ?? 0) + count);
    } else if (name.startsWith('violation:')) {
      problems.push(`${vatId} noticed ${name}`);
    } else {
      counts.set(`${vatId} ${name}`, count);
    }
  };

  const addWatch = (vatId: VatId, promise: string, text: string): void => {
    const kref = krefOf(tables, vatId, promise);
    const row =
      kref === undefined ? undefined : tables.promises.durable.get(kref);
    for (const [, , amount] of valueOf(text) as unknown[][]) {
      if (typeof amount !== 'number') {
        continue; // a note and not a payment
      }
      if (row === undefined) {
        problems.push(`${vatId} waits for ${promise}, which does not exist`);
      } else if (row.state !== 'fulfilled') {
        moneyUnderWay += amount;
        underWay += 1;
      }
    }
  };

  for (const [fullKey, text] of withLateWrites(tables.vatstore.durable)) {
    const [vatId, key] = split(fullKey);
    const name = ledgerKey.exec(key)?.groups?.['name'];
    const promise = watchKey.exec(key)?.groups?.['promise'];
    if (name !== undefined) {
      addCount(vatId, name, valueOf(text) as number);
    } else if (promise !== undefined) {
      addWatch(vatId, promise, text);
    } else if (key.startsWith('vom.o+d') && text.startsWith('{"balance":')) {
      const { balance } = JSON.parse(text) as { balance: CapData };
      money += Number(balance.body.slice(1));
    }
  }
  return { money, moneyUnderWay, underWay, applied, counts, problems };
};

type Write = readonly [key: string, value: string | null];

/** With the writes that are stored and still to be made. */
const withLateWrites = (
  durable: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> => {
  const made = new Map(durable);
  const late = [...durable]
    .filter(([fullKey]) => fullKey.includes(' ocap.late.'))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [fullKey, text] of late) {
    const [vatId] = split(fullKey);
    const [what, writes] = JSON.parse(text) as [string, Write[]];
    for (const [key, value] of what === 'write' ? writes : []) {
      if (value === null) {
        made.delete(`${vatId} ${key}`);
      } else {
        made.set(`${vatId} ${key}`, value);
      }
    }
  }
  return made;
};

const split = (key: string): [VatId, string] => {
  const space = key.indexOf(' ');
  return [key.slice(0, space) as VatId, key.slice(space + 1)];
};

const krefOf = (tables: Disk['tables'], vatId: VatId, vref: string) => {
  for (const [key, row] of tables.clist.durable) {
    const [endpoint, kref] = key.split(' ');
    if (endpoint === vatId && row.vref === vref) {
      return kref as Parameters<typeof tables.promises.durable.get>[0];
    }
  }
  return undefined;
};
