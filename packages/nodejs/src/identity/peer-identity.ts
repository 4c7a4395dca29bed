/**
 * Who this daemon is to others: an Ed25519 key in its home, made when it is
 * first asked for, and the peer id that libp2p derives from it.
 */
import { createPrivateKey, createPublicKey, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { fail, messageOf } from '@ocap/kernel-utils';

const SEED_BYTES = 32;

/** What comes before the seed in PKCS #8, and before the key in a peer id. */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const PEER_ID_PREFIX = Buffer.from('002408011220', 'hex');

export type PeerIdentity = Readonly<{
  /** `12D3KooW…` */
  peerId: string;
}>;

/** Asks the file on first use. @throws IDENTITY_UNUSABLE */
export const makePeerIdentity = (path: string): (() => PeerIdentity) => {
  let identity: PeerIdentity | undefined;
  return () => (identity ??= { peerId: peerIdOf(provideSeed(path)) });
};

const provideSeed = (path: string): Buffer => {
  try {
    // Never over one that is there: two that race end up with one key.
    const made = randomBytes(SEED_BYTES).toString('hex');
    writeFileSync(path, `${made}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
      throw fail('IDENTITY_UNUSABLE', { path, problem: messageOf(error) });
    }
  }
  const text = readFileSync(path, 'utf8').trim();
  if (!/^[0-9a-f]{64}$/u.test(text)) {
    throw fail('IDENTITY_UNUSABLE', {
      path,
      problem: 'it is not 64 hexadecimal digits',
    });
  }
  return Buffer.from(text, 'hex');
};

const peerIdOf = (seed: Buffer): string => {
  const key = Buffer.concat([PKCS8_PREFIX, seed]);
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
