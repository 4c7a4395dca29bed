/**
 * Why a source cannot be made into a bundle: the closed list of what its author
 * can act on, with every message. The first line is the message, the rest is
 * where to look.
 */
type Details = Readonly<Record<string, string | number | undefined>>;
type Message = (details: Details) => string;

const messages = {
  SOURCE_MISSING: ({ path, problem }) => `Cannot read ${path}: ${problem}.`,
  SOURCE_INVALID: ({ problem }) => `${problem}`,
  NODE_MODULE: ({ name, path }) =>
    `Vats have no ${name} (imported by ${path}): nothing of Node is there. Pass in an object that does it, for example a service.`,
  MODULE_NOT_FOUND: ({ name, path }) =>
    `Cannot find ${name} (imported by ${path}). Install it beside the vat, or check the spelling.`,
  SES_REFUSES: ({ what, name, line, text }) =>
    `A vat cannot contain ${what}: SES refuses to load it.\n${name}, line ${line} of the bundle:  ${text}`,
  NOT_A_VAT: ({ path }) =>
    `${path} is not a vat: it does not export buildRootObject.`,
  TOO_LARGE: ({ path, max }) =>
    `The bundle of ${path} is larger than ${max} bytes.`,
} as const satisfies Record<string, Message>;

export type BundleErrorCode = keyof typeof messages;

/** An error in a source that its author can act on; no stack is shown for it. */
export class BundleError extends Error {
  override readonly name = 'BundleError';
  readonly code: BundleErrorCode;

  constructor(code: BundleErrorCode, details: Details = {}) {
    const message: Message = messages[code];
    super(message(details));
    this.code = code;
  }
}
