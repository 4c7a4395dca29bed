/** What the list of probes promises about itself. */
import { expect, it } from 'vitest';
import { corpus } from './corpus.ts';

it('holds at least sixty probes, each with a name of its own', () => {
  const names = corpus.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names.length).toBeGreaterThanOrEqual(60);
});

it('says of each where it was published', () => {
  const published =
    /^(?:CVE-\d{4}-\d+|GHSA(?:-[0-9a-z]{4}){3}|[\w.-]+\/[\w.-]+#\d+|realms-shim |Agoric\/realms-shim, |LavaMoat, |SES, |vm2, docs|thingsboard, )/u;
  expect(corpus.filter(({ source }) => !published.test(source))).toStrictEqual(
    [],
  );
});

it('has few that gain nothing even where nothing holds them back, and says why', () => {
  const harmless = corpus.filter(({ harmless: why }) => why !== undefined);
  expect(harmless.length).toBeLessThan(corpus.length / 10);
});
