/** examples/counter: a count in baggage. */
import { describe, expect, it } from 'vitest';
import { withHome } from '../support/home.ts';

describe('the counter', () => {
  it('counts on after the daemon was killed', async () => {
    await withHome(async (home) => {
      await home.json(['launch', 'examples/counter']);
      expect(await home.call('counter', 'increment')).toBe(1);
      expect(await home.call('counter', 'increment', 5)).toBe(6);

      await home.killDaemon();

      expect(await home.call('counter', 'increment')).toBe(7);
    });
  });

  it('refuses what would not leave an integer, and counts on', async () => {
    await withHome(async (home) => {
      await home.json(['launch', 'examples/counter']);
      const refused = await home.ocap(['call', 'counter', 'increment', '0.5']);
      expect(refused.code).not.toBe(0);
      expect(refused.stderr).toContain('cannot count by 0.5');
      expect(await home.call('counter', 'read')).toBe(0);
    });
  });
});
