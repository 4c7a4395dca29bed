/** Names that every object inherits, in what is launched. */
import type { Json } from '@ocap/kernel-utils';
import { vatSource } from '../../../packages/nodejs/src/testing/vat-source.ts';
import type { Fact } from './facts.ts';
import { factOf, outcomeOf, own } from './outcome-of.ts';
import { inherited, special } from './pollution.ts';
import type { ScoreDaemon } from './score-daemon.ts';

const greeter = vatSource(
  `return makeDefaultExo('Greeter', { hi: () => 'hi', bootstrap: async (vats, services) => { const all = []; for (const name of Object.keys(vats).sort()) all.push(name, await E(vats[name]).hi()); return harden(all); } });`,
);

const launchOf = async (
  { client }: ScoreDaemon,
  config: Json,
): Promise<string> => outcomeOf(client.rpc('launchSubcluster', { config }));

export const asVatNames = async (
  daemon: ScoreDaemon,
): Promise<readonly Fact[]> => {
  const facts: Fact[] = [];
  for (const name of [...inherited, ...special]) {
    const found = await launchOf(daemon, {
      bootstrap: name,
      vats: own(name, { bundleSpec: greeter, placement: 'shared' }),
    });
    facts.push(
      factOf(
        `a vat of the name ${name}`,
        found,
        /^[A-Za-z]/u.test(name)
          ? new RegExp(`^answered .*${name}.*hi`, 'u')
          : /^(?:1000 CONFIG_INVALID|-32602) /u,
      ),
    );
    const absent = await launchOf(daemon, {
      bootstrap: name,
      vats: { main: { bundleSpec: greeter } },
    });
    facts.push(
      factOf(
        `a bootstrap vat ${name} that is not there`,
        absent,
        /^(?:1000 CONFIG_INVALID|-32602) /u,
      ),
    );
  }
  return facts;
};

export const asFields = async (
  daemon: ScoreDaemon,
): Promise<readonly Fact[]> => {
  const facts: Fact[] = [];
  const refused = /^(?:1000 (?:CONFIG_INVALID|SERVICE_UNKNOWN)|-32602) /u;
  const vat = { bundleSpec: greeter, placement: 'shared' };
  const base = { bootstrap: 'main', vats: { main: vat } };
  for (const name of [...inherited, ...special]) {
    const configs: Readonly<Record<string, Json>> = {
      'a field of a config': { ...base, ...own(name, { polluted: 1 }) },
      'a field of a vat': {
        ...base,
        vats: { main: { ...vat, ...own(name, 1) } },
      },
      'a vat that has all from it': {
        bootstrap: 'main',
        vats: { main: own(name, vat) },
      },
      'a bundle name': { ...base, vats: { main: { bundleName: name } } },
      'a service': { ...base, services: [name] },
      'a global': { ...base, vats: { main: { ...vat, globals: [name] } } },
      'a placement': { ...base, vats: { main: { ...vat, placement: name } } },
    };
    for (const [what, config] of Object.entries(configs)) {
      facts.push(
        factOf(`${what}, ${name}`, await launchOf(daemon, config), refused),
      );
    }
    const parameters = await launchOf(daemon, {
      ...base,
      vats: { main: { ...vat, parameters: own(name, { polluted: 1 }) } },
    });
    facts.push(
      factOf(
        `a parameter ${name}`,
        parameters,
        /^(?:answered |1000 (?:CONFIG|ARGUMENT)_INVALID )/u,
      ),
    );
  }
  return facts;
};
