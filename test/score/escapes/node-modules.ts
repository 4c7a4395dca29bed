/** Probes for Node's own ways to its modules: those by which its permissions and policies were evaded, and those of NodeVM. */
import type { Probe } from './probe.ts';

/** A global by its name, wherever text is evaluated. */
const reach = `const reach = (name) => (0, eval)('typeof ' + name + ' === "undefined" ? undefined : ' + name);`;

export const nodeModules: readonly Probe[] = [
  {
    name: 'the loader of modules itself',
    source: 'CVE-2023-32002',
    gains: 'host',
    code: `${reach}
      take(reach('process').getBuiltinModule('module')._load);`,
  },
  {
    name: 'a require of its own',
    source: 'CVE-2023-32006',
    gains: 'host',
    code: `${reach}
      take(reach('process').getBuiltinModule('module').createRequire('/'));`,
  },
  {
    name: 'the bindings of the process',
    source: 'CVE-2023-32559',
    gains: 'host',
    code: `${reach}
      const process = reach('process'); take(process); take(process.binding);`,
  },
  {
    name: 'require by the prototype of the main module',
    source: 'CVE-2023-30581',
    gains: 'host',
    code: `${reach}
      const process = reach('process');
      take(process.mainModule?.__proto__.require); take(process.getBuiltinModule('module').prototype.require);`,
  },
  {
    name: 'the methods of Buffer, patched',
    source: 'CVE-2024-21896',
    gains: 'shared',
    code: `${reach}
      for (const name of ['Buffer', 'TextEncoder', 'TextDecoder', 'URL', 'Uint8Array']) {
        const made = reach(name);
        for (const key of ['utf8Write', 'toString', 'encode', 'decode', 'toJSON', 'at']) { try { made.prototype[key] = function () { take(this); return 'escaped'; }; } catch {} }
      }`,
  },
  {
    name: 'modules that load others',
    source: 'GHSA-947f-4v7f-x2v8',
    gains: 'host',
    code: `${reach}
      for (const name of ['module', 'vm', 'worker_threads', 'cluster', 'repl', 'child_process']) take(reach('process').getBuiltinModule(name));`,
  },
  {
    name: 'modules that a list forgot',
    source: 'CVE-2026-47140',
    gains: 'host',
    code: `for (const name of ['process', 'inspector/promises']) take(await (0, eval)('imp' + 'ort("node:' + name + '")'));`,
  },
  {
    name: 'require and its relatives as globals',
    source: 'patriksimek/vm2#276, by exports',
    gains: 'host',
    code: `${reach}
      for (const name of ['require', 'module', 'exports', '__filename', 'process', 'global', 'Buffer', 'internalBinding', 'primordials']) take(reach(name));`,
  },
];
