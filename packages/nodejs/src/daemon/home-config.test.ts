import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { makeTempHome } from './fixtures/temp-home.ts';
import { readHomeConfig, type HomeConfig } from './home-config.ts';

const read = (text?: string): HomeConfig & { home: string } => {
  const { home, configPath } = makeTempHome();
  if (text !== undefined) writeFileSync(configPath, text);
  return { home, ...readHomeConfig(configPath, home) };
};

describe('config.json in the home', () => {
  it('need not be there', () => {
    expect(read()).toMatchObject({ systemSubclusters: {}, limits: {} });
  });

  it('declares system subclusters, with paths from the home, and limits', () => {
    const { home, systemSubclusters, limits } = read(
      JSON.stringify({
        systemSubclusters: {
          hub: { bootstrap: 'a', vats: { a: { sourceSpec: './hub.js' } } },
        },
        limits: { deliveryMs: 60_000 },
      }),
    );
    expect(systemSubclusters['hub']?.vats['a']?.sourceSpec).toBe(
      pathToFileURL(join(home, 'hub.js')).href,
    );
    expect(limits).toStrictEqual({ deliveryMs: 60_000 });
  });

  it.each([
    ['what is not JSON', '{', /JSON/u],
    ['what is not an object', '[]', /it is not an object/u],
    ['an unknown setting', '{"limit": {}}', /no setting "limit"/u],
    ['an unknown limit', '{"limits": {"x": 1}}', /no limit "x"/u],
    [
      'a limit that is no number',
      '{"limits": {"deliveryMs": "1"}}',
      /limits\.deliveryMs is not a whole number/u,
    ],
    [
      'subclusters that are no object',
      '{"systemSubclusters": []}',
      /systemSubclusters is not an object/u,
    ],
    [
      'a subcluster that is no object',
      '{"systemSubclusters": {"a": 1}}',
      /systemSubclusters\.a is not an object/u,
    ],
  ])('is refused, with its path: %s', (_name, text, problem) => {
    expect(() => read(text)).toThrow(problem);
    expect(() => read(text)).toThrow(/config\.json/u);
  });
});
