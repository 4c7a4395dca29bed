/**
 * What a hostile peer does, as data: what it says, and how that must end. Played
 * in a process of their own (`attack-process.ts`) against a real daemon.
 */
import type {
  HostileLink,
  HostilePeer,
} from '../../../packages/nodejs/src/testing/hostile-peer.ts';

/**
 * `cut`: told why, and not listened to again. `turned away`: told why, and as
 * unknown as before. `dropped`: the link ends without a word. `heard`: nothing
 * wrong with it, or nothing that matters: the link goes on. `refused`: there is
 * no connection at all. `any`: whatever it is, as long as nobody else notices.
 */
export type Ending =
  'cut' | 'turned away' | 'dropped' | 'heard' | 'refused' | 'any';

export type Attack = Readonly<{
  name: string;
  ending: Ending;
  /** What it is told, or the log says, or it hears: text that must be in it. */
  told?: RegExp;
  /** Messages of it that rightly arrive at the object that it was given. */
  arrives?: number;
  play(stage: Stage): Promise<Played>;
}>;

/** What everybody may know, and what the attacker should not. */
export type Target = Readonly<{
  address: string;
  /** Of an honest peer: where it is, and the names by which the two know each other. */
  honest: Readonly<{ address: string; ours: string; theirs: string }>;
  /** For an object that anybody may have. */
  token: string;
  /** For the same object; only the honest peer may redeem it. */
  tokenForHonest: string;
}>;

export type Stage = Readonly<{
  target: Target;
  /** What a large attack has of its full size: 1, or less. */
  scale: number;
  /** Another hostile peer, by default at an address of its own. */
  peer(
    terms?: Readonly<{ from?: string; posesAs?: string }>,
  ): Promise<HostilePeer>;
  /** `127.x.y.z`, another one each time. */
  newHost(): string;
  /** Waits until it is so, for 5 s unless told otherwise; whether it was. */
  until(isSo: () => boolean, withinMs?: number): Promise<boolean>;
}>;

export type Played = Readonly<{
  /** Whose fate is looked at. */
  peer?: HostilePeer;
  link?: HostileLink;
  /** What went otherwise than it had to. */
  problem?: string;
}>;

/** Frames on one link; where a pattern stands, it waits until it has heard that. */
export type Saying = string | RegExp;

export const says = (
  name: string,
  sayings: readonly Saying[],
  ending: Ending,
  told?: RegExp,
  { arrives = 0, patienceMs = 5000 } = {},
): Attack => ({
  name,
  ending,
  ...(told === undefined ? {} : { told }),
  arrives,
  play: async (stage) => {
    const peer = await stage.peer();
    const link = await peer.open();
    for (const saying of sayings) {
      if (typeof saying === 'string') {
        // It may be cut off before it has said everything.
        await link.say(fill(saying, stage.target)).catch(() => undefined);
      } else if (!(await stage.until(() => hears(link, saying)))) {
        return { peer, link, problem: `it never heard ${String(saying)}` };
      }
    }
    const isOver = (): boolean =>
      !link.isOpen() ||
      (['heard', 'any'].includes(ending) && hears(link, told ?? /"ack"/u));
    await stage.until(isOver, patienceMs);
    return { peer, link };
  },
});

export const hears = ({ heard }: HostileLink, pattern: RegExp): boolean =>
  heard.some((frame) => pattern.test(frame));

const fill = (
  saying: string,
  { token, tokenForHonest, honest }: Target,
): string =>
  saying
    .replaceAll('$TOKEN_OF_ANOTHER', tokenForHonest)
    .replaceAll('$TOKEN', token)
    .replaceAll('$OURS', honest.ours)
    .replaceAll('$THEIRS', honest.theirs);

export const hello = (more: object = {}): string =>
  JSON.stringify({
    type: 'hello',
    version: 1,
    session: 'hostile',
    yours: null,
    received: 0,
    addresses: [],
    ...more,
  });

export const data = (
  ops: unknown,
  { seq = 1, seen = 0 }: Readonly<{ seq?: unknown; seen?: unknown }> = {},
): string => JSON.stringify({ type: 'data', seq, seen, ops });

export const body = (text: string, slots: readonly string[] = []) => ({
  body: text,
  slots,
});

export const send = (
  target: string,
  method = 'redeem',
  args: readonly unknown[] = ['x'],
  result: string | null = null,
  slots: readonly string[] = [],
): unknown => [
  'send',
  target,
  body(`#${JSON.stringify([method, args])}`, slots),
  result,
];

export const settle = (...refs: readonly string[]): unknown => [
  'resolve',
  refs.map((ref) => [ref, false, body('#1')]),
];

/** Introduces itself and asks the gate for the object, which is `o-1` to it then. */
export const given: readonly Saying[] = [
  hello(),
  data([send('o-0', 'redeem', ['$TOKEN'], 'p+1')]),
  /"slots":\["o\+1"\]/u,
];

/** The length that comes before a frame. */
export const header = (length: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(length);
  return bytes;
};
