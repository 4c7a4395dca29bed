/**
 * Bytes that are not UTF-8. Those of the JSON test suite
 * (https://github.com/nst/JSONTestSuite, `test_parsing`) under their names there:
 * as text, which is how its package has them, they cannot be told. The others
 * after the sections of "UTF-8 decoder capability and stress test" by Markus
 * Kuhn (https://www.cl.cam.ac.uk/~mgk25/ucs/examples/UTF-8-test.txt).
 */
const hex = (text: string): Buffer =>
  Buffer.from(text.replaceAll(' ', ''), 'hex');

const range = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from + 1 }, (_, n) => from + n);

/** `["…"]` */
const inString = (bytes: string): Buffer => hex(`5b22 ${bytes} 225d`);

export const bytesOfSuite: ReadonlyMap<string, Buffer> = new Map([
  ['i_string_UTF-16LE_with_BOM', hex('fffe 5b00 2200 e900 2200 5d00')],
  ['i_string_UTF-8_invalid_sequence', inString('e697a5 d188 fa')],
  ['i_string_UTF8_surrogate_U+D800', inString('eda080')],
  ['i_string_invalid_utf-8', inString('ff')],
  ['i_string_iso_latin_1', inString('e9')],
  ['i_string_lone_utf8_continuation_byte', inString('81')],
  ['i_string_not_in_unicode_range', inString('f4bfbfbf')],
  ['i_string_overlong_sequence_2_bytes', inString('c0af')],
  ['i_string_overlong_sequence_6_bytes', inString('fc83bfbfbfbf')],
  ['i_string_overlong_sequence_6_bytes_null', inString('fc8080808080')],
  ['i_string_truncated-utf-8', inString('e0ff')],
  ['i_string_utf16BE_no_BOM', hex('005b 0022 00e9 0022 005d')],
  ['i_string_utf16LE_no_BOM', hex('5b00 2200 e900 2200 5d00')],
  ['n_array_a_invalid_utf8', hex('5b61e55d')],
  ['n_array_invalid_utf8', hex('5bff5d')],
  ['n_number_invalid-utf-8-in-bigger-int', hex('5b313233e55d')],
  ['n_number_invalid-utf-8-in-exponent', hex('5b316531e55d')],
  ['n_number_invalid-utf-8-in-int', hex('5b30e55d0a')],
  ['n_number_real_with_invalid_utf8_after_e', hex('5b3165e55d')],
  [
    'n_object_lone_continuation_byte_in_key_and_trailing_comma',
    hex('7b22b9223a2230222c7d'),
  ],
  ['n_string_invalid-utf-8-in-escape', hex('5b225c75e5225d')],
  ['n_string_invalid_utf8_after_escape', hex('5b225ce5225d')],
  ['n_structure_incomplete_UTF8_BOM', hex('efbb7b7d')],
  ['n_structure_lone-invalid-utf-8', hex('e5')],
  ['n_structure_single_eacute', hex('e9')],
]);

/** Inside a string of a request. */
export const invalidUtf8: readonly (readonly [name: string, bytes: Buffer])[] =
  [
    ['3.1.1 the first continuation byte', hex('80')],
    ['3.1.2 the last continuation byte', hex('bf')],
    ['3.1.9 all continuation bytes', Buffer.from(range(0x80, 0xbf))],
    ['3.2.1 lonely starts of two bytes', hex('c320 c420 df20')],
    ['3.2.2 lonely starts of three bytes', hex('e020 e120 ef20')],
    ['3.2.3 lonely starts of four bytes', hex('f020 f120 f420')],
    ['3.2.4 lonely starts of five bytes', hex('f820 fb20')],
    ['3.2.5 lonely starts of six bytes', hex('fc20 fd20')],
    ['3.3.1 two bytes, the last missing', hex('c0')],
    ['3.3.2 three bytes, the last missing', hex('e080')],
    ['3.3.3 four bytes, the last missing', hex('f08080')],
    ['3.3.7 three bytes, the last missing, at the end', hex('efbf')],
    ['3.4 several that miss their last', hex('c0 e080 f08080 f8808080')],
    ['3.5.1 a byte that cannot be', hex('fe')],
    ['3.5.2 another byte that cannot be', hex('ff')],
    ['3.5.3 bytes that cannot be', hex('fefeffff')],
    ['4.1.1 a slash in two bytes', hex('c0af')],
    ['4.1.2 a slash in three bytes', hex('e080af')],
    ['4.1.3 a slash in four bytes', hex('f08080af')],
    ['4.2.1 U+007F in two bytes', hex('c1bf')],
    ['4.2.2 U+07FF in three bytes', hex('e09fbf')],
    ['4.2.3 U+FFFF in four bytes', hex('f08fbfbf')],
    ['4.3.1 NUL in two bytes', hex('c080')],
    ['5.1.1 a high surrogate', hex('eda080')],
    ['5.1.7 a low surrogate', hex('edbfbf')],
    ['5.2.1 a pair of surrogates', hex('eda080edb080')],
    ['a newline in two bytes', hex('c08a')],
    ['a quote in two bytes', hex('c0a2')],
    ['above U+10FFFF', hex('f4908080')],
  ];

/** Text whose characters take one to four bytes, and what programs take for something else. */
export const intact: readonly string[] = [
  'aä€👋',
  '\u{7f}\u{80}\u{7ff}\u{800}\u{d7ff}\u{e000}\u{ffff}\u{10000}\u{10ffff}',
  '\u{fffd}\u{fffe}\u{feff}\u{fdd0}',
  '\u{2028}\u{2029}\u{85}\u{a0}\u{200b}\u{202e}',
  'e\u{301} 👩‍👩‍👧‍👦 🇪🇺 ﷽',
  '\0\u{1}\b\f\n\r\t"\\/',
  '日本語 Ελληνικά עברית العربية हिन्दी 한국어',
];
