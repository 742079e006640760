/** Makes a script's text storable: lone surrogates become U+FFFD. The API server keeps everything else, NUL among it. */
export const storableText = (text: string): string => text.toWellFormed();

/**
 * C0 and C1 controls, line separators, bidirectional and invisible characters: they could move the cursor, colour the
 * terminal or disguise the text (CVE-2021-42574).
 */
const UNSAFE =
  /[\p{Cc}\p{Cs}\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\u001b': '\\x1b' };

/**
 * Makes a script's text safe for a terminal: unsafe characters are printed as JavaScript escapes.
 *
 * @param options.multiline keeps line feeds and tabs
 */
export function terminalText(text: string, options: { readonly multiline?: boolean } = {}): string {
  return text.replace(UNSAFE, (char) => {
    if (options.multiline === true && (char === '\n' || char === '\t')) return char;
    return SHORT[char] ?? hexEscape(char);
  });
}

function hexEscape(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${code.toString(16).padStart(4, '0')}` : `\\u{${code.toString(16)}}`;
}
