/**
 * Fetches the bundle that a vat's config names: a path, a `file:`, `http(s):` or
 * `data:` URL, or a source that is bundled on the spot.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LoadedBundle, Powers } from '@ocap/kernel';
import {
  fail,
  limits,
  messageOf,
  OcapError,
  type Logger,
} from '@ocap/kernel-utils';
import { makeBundler } from './bundle/bundler.ts';

/** A server that does not answer must not hold up a launch for ever. */
const FETCH_MS = 30_000;

export type BundleLoader = Readonly<{
  loadBundle: Powers['loadBundle'];
  /** Ends the bundler, if one runs. */
  close(): Promise<void>;
}>;

export const makeBundleLoader = (logger: Logger): BundleLoader => {
  const { bundle, close } = makeBundler(logger);
  return {
    loadBundle: async (vat, { bundleSpec, sourceSpec }) =>
      sourceSpec === undefined
        ? fetchBundle(vat, bundleSpec ?? '')
        : bundleSource(vat, sourceSpec, bundle),
    close,
  };
};

const fetchBundle = async (
  vat: string,
  spec: string,
): Promise<LoadedBundle> => {
  try {
    return loaded(await readSpec(spec));
  } catch (error) {
    const shown = spec.startsWith('data:') ? 'its data: URL' : spec;
    throw fail('BUNDLE_NOT_FOUND', {
      vat,
      spec: shown,
      problem: messageOf(error),
    });
  }
};

const bundleSource = async (
  vat: string,
  spec: string,
  bundle: (path: string) => Promise<string>,
): Promise<LoadedBundle> => {
  try {
    return loaded(await bundle(sourcePath(spec)));
  } catch (error) {
    throw error instanceof OcapError
      ? error // not about this source
      : fail('SOURCE_INVALID', { vat, problem: messageOf(error) });
  }
};

const sourcePath = (spec: string): string => {
  if (isAbsolute(spec)) {
    return spec;
  }
  const url = URL.parse(spec);
  if (url?.protocol !== 'file:') {
    throw Error(`"${spec}" is neither an absolute path nor a file: URL.`);
  }
  return fileURLToPath(url);
};

const loaded = (text: string): LoadedBundle => ({ hash: hashOf(text), text });

/** SHA-256, hex. */
export const hashOf = (text: string): string =>
  createHash('sha256').update(text).digest('hex');

const readSpec = async (spec: string): Promise<string> => {
  if (isAbsolute(spec)) {
    return readFile(spec, 'utf8');
  }
  const url = URL.parse(spec);
  switch (url?.protocol) {
    case 'file:':
      return readFile(url, 'utf8');
    case 'data:':
    case 'http:':
    case 'https:':
      return download(url);
    default:
      throw Error('it is neither an absolute path nor a URL');
  }
};

const download = async (url: URL): Promise<string> => {
  const response = await fetch(url, { signal: AbortSignal.timeout(FETCH_MS) });
  if (!response.ok) {
    throw Error(`the server answered ${response.status}`);
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    const part = chunk as Uint8Array;
    bytes += part.length;
    if (bytes > limits.bundleBytes.value) {
      throw Error(`it is larger than ${limits.bundleBytes.value} bytes`);
    }
    chunks.push(part);
  }
  return Buffer.concat(chunks).toString('utf8');
};
