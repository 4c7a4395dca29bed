/** Bytes as base64, for the frames between daemon and vat host. */

/** Characters that one call makes: they are its arguments, so not too many. */
const CHUNK = 0x2000;

export const encodeBase64 = (bytes: Uint8Array): string => {
  let characters = '';
  for (let at = 0; at < bytes.length; at += CHUNK) {
    const chunk = bytes.subarray(at, at + CHUNK);
    characters += Reflect.apply(String.fromCharCode, undefined, chunk);
  }
  return btoa(characters);
};

export const decodeBase64 = (text: string): Uint8Array<ArrayBuffer> => {
  const characters = atob(text);
  const bytes = new Uint8Array(characters.length);
  for (let at = 0; at < bytes.length; at += 1) {
    bytes[at] = characters.charCodeAt(at);
  }
  return bytes;
};
