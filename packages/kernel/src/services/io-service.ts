/**
 * IO channels as objects that vats call. Which methods one has follows from its
 * spec; what they do is done by the channel that belongs to the grant.
 */

import harden from '@endo/harden';
import { M } from '@endo/patterns';
import type { IoSpec } from '../kernel-api.ts';
import type { IoMethod } from '../powers.ts';
import type { IoChannels, IoParams } from './io-channels.ts';
import { makeServiceExo } from './service-exo.ts';
import type { Service, ServiceCaller } from './service.ts';

// How much text may be is a matter of bytes, and of limits.ts.
const text = M.string({ stringLengthLimit: Number.MAX_SAFE_INTEGER });
const path = M.string({ stringLengthLimit: 4096 });

const guards = {
  read: M.call().returns(M.promise()),
  write: M.call(text).returns(M.promise()),
  readText: M.call(path).returns(M.promise()),
  list: M.call().optional(path).returns(M.promise()),
  stat: M.call(path).returns(M.promise()),
  writeText: M.call(path, text).returns(M.promise()),
  appendText: M.call(path, text).returns(M.promise()),
  makeFolder: M.call(path).returns(M.promise()),
  remove: M.call(path).returns(M.promise()),
} satisfies Record<IoMethod, unknown>;

const methodsOf = (spec: IoSpec): readonly IoMethod[] => {
  switch (spec.type) {
    case 'console':
      return ['write'];
    case 'file':
      return [spec.access === 'read' ? 'read' : 'write'];
    case 'folder':
      return spec.access === 'write'
        ? [...lookingMethods, ...changingMethods]
        : lookingMethods;
    default:
      return ['read', 'write'];
  }
};
const lookingMethods = ['readText', 'list', 'stat'] as const;
const changingMethods = [
  'writeText',
  'appendText',
  'makeFolder',
  'remove',
] as const;

const names: Readonly<Record<IoSpec['type'], string>> = {
  console: 'ConsoleChannel',
  file: 'FileChannel',
  folder: 'FolderChannel',
  socket: 'SocketChannel',
  network: 'NetworkChannel',
};

export const makeIoService = (channels: Pick<IoChannels, 'call'>): Service =>
  harden({
    systemOnly: false,
    makeExo: (caller: ServiceCaller) => {
      const spec = caller.params as IoParams;
      const name = names[spec.type];
      const methods = methodsOf(spec);
      const guard = M.interface(name, {
        ...Object.fromEntries(
          methods.map((method) => [method, guards[method]]),
        ),
        attenuate: M.call(M.arrayOf(M.string())).returns(M.remotable()),
      });
      const behaviour = methods.map((method) => [
        method,
        async (...args: string[]) => channels.call(caller, method, args),
      ]);
      return makeServiceExo(name, guard, {
        ...Object.fromEntries(behaviour),
        attenuate: (kept: string[]) => caller.attenuate(kept),
      });
    },
  });
