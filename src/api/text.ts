/**
 * Makes a script's text fit for the API: NUL and lone surrogates become U+FFFD, because stores and clients of the API
 * refuse or mangle them.
 */
export function storableText(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD');
}

/**
 * C0 and C1 controls, line separators, and what changes the direction of text or cannot be seen: all that lets a
 * script's text move the cursor, colour the terminal or read otherwise than it is (CVE-2021-42574).
 */
const UNSAFE =
  /[\p{Cc}\p{Cs}\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\u001b': '\\x1b' };

/**
 * Makes a script's text safe to print to a terminal: whatever could act there is written as a JavaScript escape.
 *
 * @param options.multiline keeps line feeds and tabs as they are
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
