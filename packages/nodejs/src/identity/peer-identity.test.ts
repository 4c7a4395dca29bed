import {
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makePeerIdentity } from './peer-identity.ts';

const makePath = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'ocap-id-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'identity.key');
};

describe('the identity of a daemon', () => {
  it('is the peer id that libp2p derives from the key', () => {
    const path = makePath();
    // RFC 8032, test 1: public key d75a9801…511a.
    writeFileSync(
      path,
      '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    );
    expect(makePeerIdentity(path)().peerId).toBe(
      '12D3KooWQK1wnefoLrcVHbbnf5tLzbopUd3K3bFAoJpA7YJgL5pV',
    );
  });

  it('is what libp2p makes of its seed, for any key', async () => {
    const { peerId, seed } = makePeerIdentity(makePath())();
    const { publicKey } = await generateKeyPairFromSeed('Ed25519', seed);
    expect(publicKey.toString()).toBe(peerId);
  });

  it('is made when it is first asked for, for its owner only, and stays', () => {
    const path = makePath();
    const identity = makePeerIdentity(path);
    expect(() => statSync(path)).toThrow(/ENOENT/u);
    const { peerId } = identity();
    expect(peerId).toMatch(/^12D3KooW[1-9A-HJ-NP-Za-km-z]{44}$/u);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(makePeerIdentity(path)().peerId).toBe(peerId);
    expect(makePeerIdentity(makePath())().peerId).not.toBe(peerId);
    expect(readFileSync(path, 'utf8')).toMatch(/^[0-9a-f]{64}\n$/u);
  });

  it('that cannot be read is not made anew', () => {
    const path = makePath();
    writeFileSync(path, 'something else');
    expect(() => makePeerIdentity(path)()).toThrow(
      /identity\.key, cannot be used/u,
    );
    expect(readFileSync(path, 'utf8')).toBe('something else');
  });
});
