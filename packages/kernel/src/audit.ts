/**
 * Recomputes every invariant of the store from its rows: reference counts, the
 * one-to-one c-lists, who decides what, and rows that belong to nothing. Each
 * problem is one sentence; a healthy kernel has none.
 */
import harden from '@endo/harden';
import {
  isExport,
  isPromiseRef,
  KERNEL,
  ROOT_VREF,
  type KRef,
  type EndpointId,
} from '@ocap/kernel-utils';
import { checkClist, checkPromises } from './audit-clist.ts';
import type { KernelContext } from './context.ts';
import type { AuditReport } from './kernel-api.ts';
import { makeKernelStore } from './store/kernel-store.ts';
import type { StoreBackend } from './store/store-backend.ts';
import type { ClistEntry, ObjectRow, PromiseRow } from './store/rows.ts';

type AuditedParts = Pick<KernelContext, 'store'> &
  Readonly<{ vats: Pick<KernelContext['vats'], 'ids'> }>;

type Counts = { reachable: number; recognizable: number };

export const makeAudit = ({ store, vats }: AuditedParts): (() => AuditReport) =>
  harden(() => {
    const scan = store.scan();
    const objects = new Map(scan.objects());
    const promises = new Map(scan.promises());
    const clist = [...scan.clist()];
    const shortcuts = new Map(scan.shortcuts());
    const expected = countReferences(objects, promises, clist);
    const problems = [
      ...store.problems(),
      ...checkCounts(objects, promises, expected),
      ...checkClist(objects, promises, clist, shortcuts),
      ...checkPromises(promises),
      ...checkVats(),
    ];
    return { ok: problems.length === 0, problems };

    function countReferences(
      objectRows: ReadonlyMap<KRef, ObjectRow>,
      promiseRows: ReadonlyMap<KRef, PromiseRow>,
      entries: readonly ClistEntry[],
    ): Map<KRef, Counts> {
      const counts = new Map<KRef, Counts>();
      const add = (kref: KRef, reachable = 1): void => {
        const found = counts.get(kref) ?? { reachable: 0, recognizable: 0 };
        found.reachable += reachable;
        found.recognizable += 1;
        counts.set(kref, found);
      };
      for (const { kref, vref, reachable } of entries) {
        if (isPromiseRef(kref) || !isExport(vref)) {
          add(kref, reachable ? 1 : 0);
        } else if (vref === ROOT_VREF && objectRows.get(kref)?.owner !== null) {
          add(kref); // held for as long as the vat lives
        }
      }
      for (const [kref, { awaited, requestId, data, state }] of promiseRows) {
        data?.slots.forEach((slot) => add(slot));
        if (awaited) {
          add(kref);
        }
        if (requestId !== null && state === 'unresolved') {
          add(kref);
        }
      }
      addQueued(add);
      return counts;
    }

    function addQueued(add: (kref: KRef) => void): void {
      for (const owner of store.inbox.owners()) {
        for (const seq of store.inbox.list(owner)) {
          const row = store.inbox.get(seq);
          row?.kind === 'message'
            ? addMessage(row, add)
            : row && add(row.target);
        }
      }
      for (const owner of store.promiseQueue.owners()) {
        for (const seq of store.promiseQueue.list(owner)) {
          const row = store.promiseQueue.get(seq);
          if (row !== undefined) {
            addMessage(row, add);
          }
        }
      }
      for (const [, kref] of scan.names()) {
        add(kref);
      }
      for (const [, { parent }] of scan.grants()) {
        if (parent !== null) {
          add(parent);
        }
      }
      for (const [, { kref, ended }] of scan.urls()) {
        if (ended === null) {
          add(kref);
        }
      }
      for (const [, { facet, ended }] of scan.accesses()) {
        if (facet.kind === 'object' && ended === null) {
          add(facet.ref);
        }
      }
      for (const [, { handler, grant }] of scan.wakeups()) {
        add(handler);
        add(grant);
      }
      for (const [, kref] of scan.staleNames()) {
        add(kref);
      }
      for (const { direct } of shortcuts.values()) {
        if (direct !== null) {
          add(direct);
        }
      }
      for (const [kref] of scan.leases()) {
        add(kref);
      }
      for (const [, { data }] of scan.requests()) {
        data?.slots.forEach((slot) => add(slot));
      }
    }

    function checkVats(): string[] {
      const found: string[] = [];
      const hashes = new Set(scan.bundleHashes());
      const remotes = [...scan.remotes()].map(([id]) => id);
      const known = new Set<EndpointId>(remotes);
      for (const { id, subclusterId, bundleHash } of scan.vats()) {
        known.add(id);
        if (store.subclusters.get(subclusterId) === undefined) {
          found.push(
            `vat ${id} belongs to subcluster ${subclusterId}, which does not exist`,
          );
        }
        if (!hashes.has(bundleHash)) {
          found.push(`the bundle of vat ${id} is missing`);
        }
      }
      for (const { endpoint, kref } of clist) {
        if (!known.has(endpoint)) {
          found.push(
            `the c-list of ${endpoint}, which does not exist, holds ${kref}`,
          );
        }
      }
      for (const { kref, grantee } of scan.caps()) {
        if (!objects.has(kref)) {
          found.push(`${grantee} has a grant of ${kref}, which does not exist`);
        }
      }
      for (const [kref] of scan.grants()) {
        if (!objects.has(kref)) {
          found.push(`the grant ${kref} has no object`);
        }
      }
      for (const owner of store.inbox.owners()) {
        if (owner !== KERNEL && !known.has(owner)) {
          found.push(
            `the inbox of ${owner}, which does not exist, is not empty`,
          );
        }
      }
      for (const id of vats.ids) {
        if (!known.has(id)) {
          found.push(`vat ${id} runs but has no row`);
        }
      }
      return found;
    }
  });

const addMessage = (
  {
    target,
    methargs,
    result,
  }: Readonly<{
    target: KRef;
    methargs: Readonly<{ slots: readonly KRef[] }>;
    result: KRef | null;
  }>,
  add: (kref: KRef) => void,
): void => {
  add(target);
  methargs.slots.forEach((slot) => add(slot));
  if (result !== null) {
    add(result);
  }
};

const checkCounts = (
  objects: ReadonlyMap<KRef, ObjectRow>,
  promises: ReadonlyMap<KRef, PromiseRow>,
  expected: ReadonlyMap<KRef, Counts>,
): string[] => {
  const found: string[] = [];
  const none = { reachable: 0, recognizable: 0 };
  for (const [kref, { reachable, recognizable }] of objects) {
    const right = expected.get(kref) ?? none;
    if (right.reachable !== reachable || right.recognizable !== recognizable) {
      found.push(
        `${kref} is counted ${reachable}/${recognizable} (reachable/recognizable) but is referred to ${right.reachable}/${right.recognizable} times`,
      );
    }
  }
  for (const [kref, { refs }] of promises) {
    const right = expected.get(kref) ?? none;
    if (right.recognizable !== refs) {
      found.push(
        `${kref} is counted ${refs} but is referred to ${right.recognizable} times`,
      );
    }
    if (refs === 0) {
      found.push(`${kref} is referred to by nothing but was kept`);
    }
  }
  for (const kref of expected.keys()) {
    if (!objects.has(kref) && !promises.has(kref)) {
      found.push(`${kref} is referred to but has no row`);
    }
  }
  return found;
};

/** The same of a store that no kernel has opened. */
export const auditStore = (backend: StoreBackend): AuditReport => {
  const store = makeKernelStore(backend);
  return makeAudit({ store, vats: { ids: new Set(backend.scan.vatIds()) } })();
};
