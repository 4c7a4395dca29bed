/** examples/greeter: one vat handed to another by the bootstrap. */
import { expect, it } from 'vitest';
import { withHome } from '../support/home.ts';

it('the guest answers with what the greeter told it, also after kill -9', async () => {
  await withHome(async (home) => {
    await home.json(['launch', 'examples/greeter']);
    expect(await home.call('greeter', 'hello', 'Ada')).toBe('Hello, Ada!');
    const heard = 'the guest heard "Hello, Ada!"';
    expect(await home.call('greeter', 'sendGuest', 'Ada')).toBe(heard);

    await home.killDaemon();

    expect(await home.call('greeter', 'sendGuest', 'Ada')).toBe(heard);
  });
});
