/**
 * The program `bundler`: bundles sources for the daemon, which itself loads no
 * compiler (its memory) and runs under lockdown. Requests come on stdin, answers
 * go to stdout, a line each. When the daemon goes, or needs it no more, it goes.
 */
import {
  encodeLine,
  limits,
  makeLineDecoder,
  messageOf,
} from '@ocap/kernel-utils';
import { BundleError } from './bundle-error.ts';
import type { BundleAnswer, BundleRequest } from './bundle-messages.ts';
import { bundleVat } from './bundle-vat.ts';

const answer = async ({ id, path }: BundleRequest): Promise<BundleAnswer> => {
  try {
    return { id, text: await textOf(path) };
  } catch (error) {
    return { id, problem: messageOf(error) };
  }
};

const textOf = async (path: string): Promise<string> => {
  const bundle = await bundleVat(path);
  if (!bundle.exports.includes('buildRootObject')) {
    throw new BundleError('NOT_A_VAT', { path });
  }
  const text = JSON.stringify(bundle);
  const max = limits.bundleBytes.value;
  if (Buffer.byteLength(text) > max) {
    throw new BundleError('TOO_LARGE', { path, max });
  }
  return text;
};

// The daemon is believed: its requests have no cap.
const decoder = makeLineDecoder({ maxLineBytes: Number.MAX_SAFE_INTEGER });
process.stdin.on('data', (chunk: Buffer) => {
  for (const line of decoder.push(chunk).lines) {
    void answer(JSON.parse(line) as BundleRequest).then((answered) =>
      process.stdout.write(encodeLine(answered)),
    );
  }
});
process.stdin.on('close', () => process.exit(0));
process.stdout.on('error', () => process.exit(1));
