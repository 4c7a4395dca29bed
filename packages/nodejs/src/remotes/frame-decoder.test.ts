import { describe, expect, it } from 'vitest';
import { encodeFrame, makeFrameDecoder } from './frame-decoder.ts';

const MAX = 1000;

const headerFor = (length: number): Buffer => {
  const header = Buffer.alloc(4);
  header.writeUInt32BE(length);
  return header;
};

/** What a decoder makes of the bytes when they come in pieces of this size. */
const decodeInPieces = (bytes: Uint8Array, size: number) => {
  const decoder = makeFrameDecoder({ maxFrameBytes: MAX });
  const frames: string[] = [];
  let problem: string | undefined;
  for (let at = 0; at < bytes.length; at += size) {
    const decoded = decoder.push(bytes.subarray(at, at + size));
    frames.push(...decoded.frames);
    problem = decoded.problem;
  }
  return { frames, problem, isWhole: decoder.isWhole() };
};

const sizes = [1, 2, 3, 4, 5, 7, 64, 1_000_000];

describe('frames', () => {
  it.each(sizes)('come out as they went in, in pieces of %i bytes', (size) => {
    const frames = [
      '{}',
      '',
      'ä€\u{1F511}',
      '',
      'x'.repeat(MAX),
      '\ufeff"bom"',
      '',
    ];
    const bytes = Buffer.concat(frames.map(encodeFrame));
    expect(decodeInPieces(bytes, size)).toEqual({
      frames,
      problem: undefined,
      isWhole: true,
    });
  });

  it('may have as many bytes as the cap says, whatever characters they are', () => {
    const frame = `${'€'.repeat(MAX / 3 - 1)}abcd`;
    expect(Buffer.byteLength(frame)).toBe(MAX);
    expect(decodeInPieces(encodeFrame(frame), 10)).toMatchObject({
      frames: [frame],
      problem: undefined,
    });
  });

  it.each([MAX + 1, 2 ** 31, 2 ** 32 - 1])(
    'of %i bytes, beyond the cap, are refused by their header alone',
    (length) => {
      const bytes = Buffer.concat([encodeFrame('before'), headerFor(length)]);
      for (const size of sizes) {
        expect(decodeInPieces(bytes, size)).toMatchObject({
          frames: ['before'],
          problem: `a frame of ${length} bytes, of at most ${MAX}`,
        });
      }
    },
  );

  it.each([
    ['a byte that nothing begins with', [0xff]],
    ['a character that breaks off', [0x41, 0xe2, 0x82]],
    ['half of a surrogate pair', [0xed, 0xa0, 0x80]],
    ['a zero in two bytes', [0xc0, 0x80]],
  ])('with %s are refused', (_what, body) => {
    const bytes = Buffer.concat([
      encodeFrame('before'),
      headerFor(body.length),
      Buffer.from(body),
      encodeFrame('after'),
    ]);
    for (const size of sizes) {
      expect(decodeInPieces(bytes, size)).toMatchObject({
        frames: ['before'],
        problem: 'a frame that is not UTF-8',
      });
    }
  });

  it('are not decoded any more after a problem', () => {
    const decoder = makeFrameDecoder({ maxFrameBytes: MAX });
    const { problem } = decoder.push(headerFor(MAX + 1));
    expect(decoder.push(encodeFrame('{}'))).toEqual({ frames: [], problem });
    expect(decoder.heldBytes()).toBe(0);
  });

  it('that break off are known to', () => {
    const bytes = encodeFrame('{"a":1}');
    for (let at = 1; at < bytes.length; at += 1) {
      const decoder = makeFrameDecoder({ maxFrameBytes: MAX });
      expect(decoder.push(bytes.subarray(0, at)).frames).toEqual([]);
      expect(decoder.isWhole()).toBe(false);
    }
  });
});

describe('memory', () => {
  const large = 32 * 1024 * 1024;

  it('is not taken for what is only announced', () => {
    const decoder = makeFrameDecoder({ maxFrameBytes: large });
    decoder.push(headerFor(large));
    expect(decoder.heldBytes()).toBe(0);
    decoder.push(Buffer.alloc(1));
    expect(decoder.heldBytes()).toBeLessThanOrEqual(1024);
  });

  it('is at most twice what has come, and linear time, in pieces of one byte', () => {
    const decoder = makeFrameDecoder({ maxFrameBytes: large });
    decoder.push(headerFor(large));
    const piece = Buffer.alloc(1, 'x');
    const started = performance.now();
    for (let come = 1; come <= 1_000_000; come += 1) {
      decoder.push(piece);
      if (come > 1024 && decoder.heldBytes() > 2 * come) {
        expect.fail(`${decoder.heldBytes()} bytes are held of ${come}`);
      }
    }
    // Copying the whole at each byte would take an hour.
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it('is given back after a large frame', () => {
    const decoder = makeFrameDecoder({ maxFrameBytes: large });
    const bytes = encodeFrame('x'.repeat(1_000_000));
    decoder.push(bytes.subarray(0, 900_000));
    expect(decoder.heldBytes()).toBeGreaterThan(800_000);
    expect(decoder.push(bytes.subarray(900_000)).frames[0]).toHaveLength(
      1_000_000,
    );
    expect(decoder.heldBytes()).toBe(0);
    decoder.push(headerFor(10));
    decoder.push(Buffer.alloc(1));
    expect(decoder.heldBytes()).toBeLessThanOrEqual(64 * 1024);
  });
});
