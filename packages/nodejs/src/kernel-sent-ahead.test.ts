import './daemon/lockdown.ts';
import { describe, expect, it } from 'vitest';
import {
  openScriptedKernel,
  type ScriptedKernel,
} from './testing/scripted-hosts.ts';

type Frame = Awaited<ReturnType<ScriptedKernel['nextFrame']>>;

const data = (slots: string[] = []) => ({ body: '#null', slots });
const call = (slots: string[] = []) => ({ body: '#["hi",[]]', slots });

const deliveryOf = (frame: Frame): readonly unknown[] =>
  frame.type === 'deliver' ? frame.delivery : [];

const messageOf = (frame: Frame) => {
  const [kind, , message] = deliveryOf(frame);
  expect(kind).toBe('message');
  return message as { methargs: { slots: string[] }; result: string | null };
};

/** Vats of which the first knows the roots of the others, by its own names for them. */
const openVats = async (count: number) => {
  const scripted = await openScriptedKernel();
  const { kernel, nextFrame, done } = scripted;
  const root = await scripted.launch(count);
  /** Has a vat make these syscalls, in a delivery of its own. */
  const ask = async (target: string, args: unknown[] = []) => {
    // Its answer is not what is looked at.
    kernel.queueMessage(target, 'hi', args as never).catch(() => undefined);
    return nextFrame();
  };
  const roots = kernel.executeDBQuery(
    "SELECT kref FROM objects WHERE owner LIKE 'v%' ORDER BY owner",
  ) as { kref: string }[];
  const others = roots.map(({ kref }) => kref).filter((kref) => kref !== root);
  const frame = await ask(
    root,
    others.map((kref) => ({ '@ref': kref })),
  );
  const names = messageOf(frame).methargs.slots;
  done(frame);
  return { ...scripted, ask, root, others, names };
};

describe('what is sent before the vat has answered', () => {
  it('is the message after a notification', async () => {
    const { ask, done, nextFrame, root, names } = await openVats(2);
    const [second] = names;
    done(await ask(root), {
      syscalls: [['send', second, call(['p+5']), null]],
    });
    const given = await nextFrame();
    const [name] = messageOf(given).methargs.slots;
    done(given, { syscalls: [['subscribe', name]] });

    done(await ask(root), {
      syscalls: [
        ['resolve', [['p+5', false, data()]]],
        ['send', second, call(), null],
      ],
    });

    expect(deliveryOf(await nextFrame())[0]).toBe('notify');
    expect(messageOf(await nextFrame()).methargs.slots).toStrictEqual([]);
  });

  it('is not a message with the promise that the notification is about', async () => {
    const { ask, done, nextFrame, root, others, names } = await openVats(3);
    const [second, third] = names;
    // The third knows the second, and both know a promise of the first.
    const introduced = await ask(String(others[1]), [{ '@ref': others[0] }]);
    const [secondForThird] = messageOf(introduced).methargs.slots;
    done(introduced);
    done(await ask(root), {
      syscalls: [
        ['send', second, call(['p+5']), null],
        ['send', third, call(['p+5']), null],
      ],
    });
    const toSecond = await nextFrame();
    const toThird = await nextFrame();
    const [name] = messageOf(toSecond).methargs.slots;
    const [nameForThird] = messageOf(toThird).methargs.slots;
    done(toSecond, { syscalls: [['subscribe', name]] });
    done(await ask(root), {
      syscalls: [['resolve', [['p+5', false, data()]]]],
    });
    const news = await nextFrame();
    expect(deliveryOf(news)[0]).toBe('notify');

    // It has not heard of it yet, and passes the promise on.
    done(toThird, {
      syscalls: [['send', secondForThird, call([String(nameForThird)]), null]],
    });
    await new Promise(setImmediate); // the kernel has seen to the second by now
    done(news);

    const message = await nextFrame();
    const [nameNow] = messageOf(message).methargs.slots;
    expect(nameNow).toMatch(/^p-/u);
    expect(nameNow).not.toBe(name);
  });

  it('is not a message with a promise that the vat may have settled by then', async () => {
    const { ask, done, nextFrame, root, names } = await openVats(2);
    const [second] = names;
    done(await ask(root), {
      syscalls: [
        ['send', second, call(), 'p+5'],
        ['send', second, call(['p+5']), null],
      ],
    });
    const asked = await nextFrame();
    const { result } = messageOf(asked);
    done(asked, { syscalls: [['resolve', [[result, false, data()]]]] });

    const [name] = messageOf(await nextFrame()).methargs.slots;
    expect(name).toMatch(/^p-/u);
    expect(name).not.toBe(result);
  });

  it('ends when the vat wants a turn, however many messages wait', async () => {
    const { ask, done, say, nextFrame, root, names } = await openVats(2);
    const [second] = names;
    const messages = 40;
    done(await ask(root), {
      syscalls: Array.from({ length: messages }, () => [
        'send',
        second,
        call(),
        null,
      ]),
    });
    const first = await nextFrame();
    say('v2', JSON.stringify({ type: 'turn', vat: 'v2' }));
    done(first);
    let before = 1;
    for (;;) {
      const frame = await nextFrame();
      done(frame);
      if (deliveryOf(frame)[0] === 'turn') break;
      before += 1;
    }
    expect(before).toBeLessThan(messages);
  });
});
