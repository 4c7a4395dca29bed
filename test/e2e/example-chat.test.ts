/** examples/chat: clients that wait on promises, and a history that stays. */
import { describe, expect, it } from 'vitest';
import { withHome } from '../support/home.ts';

describe('the chat', () => {
  it('answers everybody who waits for the next word, once it is said', async () => {
    await withHome(async (home) => {
      await home.json(['launch', 'examples/chat']);
      await home.call('chat', 'join', 'ann', '--as', 'ann');
      const waiting = [1, 2, 3].map(async () => home.call('chat', 'next', 0));
      expect(await home.call('ann', 'say', 'hello')).toBe(1);
      const entry = { n: 1, from: 'ann', text: 'hello' };
      expect(await Promise.all(waiting)).toEqual([entry, entry, entry]);
    });
  });

  it('keeps members and history over kill -9', async () => {
    await withHome(async (home) => {
      await home.json(['launch', 'examples/chat']);
      await home.call('chat', 'join', 'ann', '--as', 'ann');
      await home.call('ann', 'say', 'one');

      await home.killDaemon();

      expect(await home.call('chat', 'who')).toEqual(['ann']);
      expect(await home.call('ann', 'say', 'two')).toBe(2);
      expect(await home.call('chat', 'history')).toEqual([
        { n: 1, from: 'ann', text: 'one' },
        { n: 2, from: 'ann', text: 'two' },
      ]);
    });
  });

  it('lets nobody speak under the name of another, nor after leaving', async () => {
    await withHome(async (home) => {
      await home.json(['launch', 'examples/chat']);
      await home.call('chat', 'join', 'ann', '--as', 'ann');
      const second = await home.ocap(['call', 'chat', 'join', 'ann']);
      expect(second.code).not.toBe(0);
      await home.call('ann', 'leave');
      const late = await home.ocap(['call', 'ann', 'say', 'still here']);
      expect(late.stderr).toContain('ann has left the room');
      expect(await home.call('chat', 'who')).toEqual([]);
    });
  });
});
