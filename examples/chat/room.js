/**
 * A room for many clients. What was said is durable; who waits for the next
 * word waits on a promise, and a promise lives only as long as its vat does:
 * after a restart it rejects, and one asks again with the number one had.
 */
import { M } from '@endo/patterns';
import { makePromiseKit } from '@endo/promise-kit';
import { makeDefaultExo } from '@ocap/kernel-utils/exo';

const provide = (store, key, make) => {
  if (!store.has(key)) store.init(key, make());
  return store.get(key);
};

const memberGuard = M.interface('Member', {
  name: M.call().returns(M.string()),
  say: M.call(M.string()).returns(M.number()),
  leave: M.call().returns(M.undefined()),
});

/** The durable log and, in the heap, those who wait for its next entry. */
const makeLog = (baggage) => {
  const entries = provide(baggage, 'entries', () =>
    VatData.makeScalarBigMapStore('entries', { durable: true }),
  );
  let waiting = [];

  return harden({
    post: (from, text) => {
      const n = entries.getSize() + 1;
      const entry = harden({ n, from, text });
      entries.init(n, entry);
      for (const { after, resolve } of waiting) {
        if (after < n) resolve(entry);
      }
      waiting = waiting.filter(({ after }) => after >= n);
      return n;
    },

    next: (after) => {
      if (entries.has(after + 1)) return entries.get(after + 1);
      const { promise, resolve } = makePromiseKit();
      waiting.push({ after, resolve });
      return promise;
    },

    history: (after, limit) => {
      const found = [];
      const last = Math.min(entries.getSize(), after + limit);
      for (let n = after + 1; n <= last; n += 1) found.push(entries.get(n));
      return harden(found);
    },
  });
};

export const buildRootObject = (
  _vatPowers,
  { topic = 'anything' } = {},
  baggage,
) => {
  const log = makeLog(baggage);
  /** Name → member, for those who are in the room. */
  const members = provide(baggage, 'members', () =>
    VatData.makeScalarBigMapStore('members', { durable: true }),
  );

  const makeMember = VatData.defineDurableKind(
    provide(baggage, 'kind Member', () => VatData.makeKindHandle('Member')),
    (name) => ({ name }),
    {
      name: ({ state }) => state.name,
      say: ({ state, self }, text) => {
        if (!members.has(state.name) || members.get(state.name) !== self) {
          throw Error(`${state.name} has left the room`);
        }
        return log.post(state.name, text);
      },
      leave: ({ state, self }) => {
        if (members.has(state.name) && members.get(state.name) === self) {
          members.delete(state.name);
        }
      },
    },
    { interfaceGuard: memberGuard },
  );

  return makeDefaultExo('Room', {
    topic: () => topic,
    who: () => harden([...members.keys()]),

    /** A member object: the right to speak under this name. */
    join: (name) => {
      if (members.has(name)) throw Error(`there is a ${name} in the room`);
      const member = makeMember(name);
      members.init(name, member);
      return member;
    },

    /** The entry after number `after`; if nobody has said it yet, a promise for it. */
    next: (after = 0) => log.next(after),
    history: (after = 0, limit = 100) => log.history(after, limit),
  });
};
