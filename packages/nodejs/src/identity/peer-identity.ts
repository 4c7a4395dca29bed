/**
 * Who this daemon is to others: an Ed25519 key in its home, made when it is
 * first asked for, and the peer id that libp2p derives from it.
 */
import { createSeed, readSeed } from './seed-file.ts';

const SEED_BYTES = 32;

/**
 * Loaded for a key: most commands of the CLI, of which this file is also a part,
 * need none, and it takes a tenth of their time.
 */
const crypto = () => process.getBuiltinModule('node:crypto');

/** What comes before the seed in PKCS #8, and before the key in a peer id. */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const PEER_ID_PREFIX = Buffer.from('002408011220', 'hex');

export type PeerIdentity = Readonly<{
  /** `12D3KooW…` */
  peerId: string;
  /** The key: 32 bytes, the seed of Ed25519 (RFC 8032). Never leaves this machine. */
  seed: Uint8Array;
}>;

/** Asks the file on first use. @throws IDENTITY_UNUSABLE */
export const makePeerIdentity = (path: string): (() => PeerIdentity) => {
  let identity: PeerIdentity | undefined;
  return () => {
    if (identity === undefined) {
      const seed = provideSeed(path);
      identity = { peerId: peerIdOf(seed), seed };
    }
    return identity;
  };
};

/** The key itself, made unless it is there. @throws IDENTITY_UNUSABLE */
export const provideSeed = (path: string): Buffer => {
  const known = readSeed(path);
  if (known !== undefined) {
    return known;
  }
  const made = crypto().randomBytes(SEED_BYTES);
  createSeed(path, made);
  // Another process may have been faster.
  return readSeed(path) ?? made;
};

export const peerIdOf = (seed: Buffer): string => {
  const key = Buffer.concat([PKCS8_PREFIX, seed]);
  const { createPrivateKey, createPublicKey } = crypto();
  const { x = '' } = createPublicKey(
    createPrivateKey({ key, format: 'der', type: 'pkcs8' }),
  ).export({ format: 'jwk' });
  return base58(Buffer.concat([PEER_ID_PREFIX, Buffer.from(x, 'base64url')]));
};

const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

/** Bitcoin's, as libp2p writes peer ids: each leading zero byte is a `1`. */
const base58 = (bytes: Buffer): string => {
  let digits = '';
  for (
    let rest = BigInt(`0x${bytes.toString('hex')}`);
    rest > 0n;
    rest /= 58n
  ) {
    digits = `${ALPHABET.charAt(Number(rest % 58n))}${digits}`;
  }
  const zeros = bytes.findIndex((byte) => byte !== 0);
  return '1'.repeat(Math.max(zeros, 0)) + digits;
};
