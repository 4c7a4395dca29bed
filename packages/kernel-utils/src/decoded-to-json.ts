/**
 * A decoded value as JSON, for programs behind a pipe. Faithful: different
 * values never become the same JSON, and no digit of a bigint is lost. What
 * JSON cannot say is an object with one key that begins with `@`:
 *
 *   12n         {"@bigint": "12"}            undefined   {"@undefined": true}
 *   NaN         {"@number": "NaN"}           symbol      {"@symbol": "@@iterator"}
 *   reference   {"@ref": "ko12", "interface": "Purse"}
 *   promise     {"@promise": "kp7"}          tagged      {"@tagged": {tag, payload}}
 *   error       {"@error": {name, message, id?}}
 *
 * `{"@ref": …}` is also how a reference is written in arguments. A record of
 * the vat's own whose key begins with `@` gets one more `@` before that key.
 */
import { ifDefined } from './if-defined.ts';
import type { Json } from './json.ts';
import type { Decoded } from './smallcaps.ts';

export const decodedToJson = (decoded: Decoded): Json => {
  switch (decoded.style) {
    case 'plain':
      return typeof decoded.value === 'number' &&
        !Number.isFinite(decoded.value)
        ? { '@number': String(decoded.value) }
        : decoded.value;
    case 'undefined':
      return { '@undefined': true };
    case 'bigint':
      return { '@bigint': String(decoded.value) };
    case 'symbol':
      return { '@symbol': decoded.name };
    case 'array':
      return decoded.items.map(decodedToJson);
    case 'record':
      // fromEntries, unlike assignment, makes even "__proto__" an own key.
      return Object.fromEntries(
        decoded.entries.map(([key, value]) => [
          key.startsWith('@') ? `@${key}` : key,
          decodedToJson(value),
        ]),
      );
    case 'tagged':
      return {
        '@tagged': {
          tag: decoded.tag,
          payload: decodedToJson(decoded.payload),
        },
      };
    case 'error': {
      const { name, message, id } = decoded;
      return { '@error': ifDefined({ name, message, id }) };
    }
    case 'remotable':
      return ifDefined({
        '@ref': decoded.ref,
        interface: decoded.interface,
      });
    case 'promise':
      return { '@promise': decoded.ref };
  }
};
