/** What the audit looks for in c-lists and promises: each problem is one sentence. */
import {
  isExport,
  isPromiseRef,
  isRemoteId,
  KERNEL,
  type KRef,
} from '@ocap/kernel-utils';
import type {
  ClistEntry,
  ObjectRow,
  PromiseRow,
  ShortcutRow,
} from './store/rows.ts';

export const checkClist = (
  objects: ReadonlyMap<KRef, ObjectRow>,
  promises: ReadonlyMap<KRef, PromiseRow>,
  entries: readonly ClistEntry[],
  shortcuts: ReadonlyMap<KRef, ShortcutRow>,
): string[] => {
  const found: string[] = [];
  const others = new Set<KRef>();
  const seen = new Set<string>();
  const exporters = new Map<KRef, string>();
  for (const { endpoint, kref, vref } of entries) {
    if (seen.has(`${endpoint} ${vref}`)) {
      found.push(`the c-list of ${endpoint} holds ${vref} twice`);
    }
    seen.add(`${endpoint} ${vref}`);
    if (isPromiseRef(kref) !== isPromiseRef(vref)) {
      found.push(`the c-list of ${endpoint} pairs ${kref} with ${vref}`);
    }
    const shortcut = shortcuts.get(kref);
    if (shortcut?.direct === null && endpoint === shortcut.through) {
      others.add(kref); // its owner is another, whose c-list holds it as well
    } else if (!isPromiseRef(kref) && isExport(vref)) {
      exporters.set(kref, endpoint);
      if (objects.get(kref)?.owner !== endpoint) {
        found.push(`${endpoint} exports ${kref}, which is not its own`);
      }
    }
  }
  for (const [kref, { owner }] of objects) {
    if (owner !== null && owner !== KERNEL && exporters.get(kref) !== owner) {
      found.push(`${kref} belongs to ${owner}, whose c-list does not hold it`);
    }
  }
  const held = new Set(
    entries.map(({ endpoint, kref }) => `${endpoint} ${kref}`),
  );
  for (const [kref, { direct, through }] of shortcuts) {
    if (direct === null && !others.has(kref)) {
      found.push(
        `${kref} came through ${through}, whose c-list does not hold it`,
      );
    }
  }
  for (const [kref, { decider }] of promises) {
    if (decider !== null && !held.has(`${decider} ${kref}`)) {
      found.push(
        `${kref} is decided by ${decider}, whose c-list does not hold it`,
      );
    }
  }
  return found;
};

export const checkPromises = (
  promises: ReadonlyMap<KRef, PromiseRow>,
): string[] => {
  const found: string[] = [];
  for (const [kref, row] of promises) {
    const { state, decider, subscribers, data, settledBy } = row;
    const open = state === 'unresolved';
    // What another kernel has settled may be held back: see remotes/embargo.ts.
    const isHeld = open && decider === null && isRemoteId(settledBy);
    if (open !== (data === null) && !isHeld) {
      found.push(`${kref} is ${state} but ${open ? 'has' : 'lacks'} a value`);
    }
    if (!open && (decider !== null || subscribers.length > 0)) {
      found.push(`${kref} is ${state} but still has a decider or subscribers`);
    }
  }
  return found;
};
