/** Where a document is in the text of its stream: UTF-16 units. */
export interface DocumentRange {
  readonly start: number;
  readonly end: number;
}

/** How far kubectl looks for the `{` that a stream of JSON begins with. */
const JSON_LOOK_AHEAD = 4096;
const JSON_LOOK_BEHIND_BYTES = 4;
const BYTE_ORDER_MARK = '\uFEFF';

/** Whether kubectl tries to read a stream as JSON before it reads it as YAML. */
export function mayBeJson(text: string, start: number): boolean {
  const end = Math.min(text.length, start + JSON_LOOK_AHEAD);
  return text[skipUnicodeSpace(text, start, end)] === '{';
}

/** Where a stream goes on as YAML where it is no JSON from here: behind spaces, up to and with the first line feed. */
export function yamlStart(text: string, start: number): number {
  for (let at = start; at < text.length; at++) {
    if (text[at] === '\n') return at + 1;
    if (!isUnicodeSpace(text[at])) return at;
  }
  return text.length;
}

/**
 * Whether kubectl goes on with YAML where a stream is no JSON from here. It looks at the spaces, up to the first line feed,
 * four bytes at a time: where there are fewer it is at the end.
 * @param end of what the file holds
 */
export function goesOnAsYaml(text: string, start: number, end: number): boolean {
  const next = yamlStart(text, start);
  const last = text[next - 1] === '\n' && next > start ? next - 1 : next;
  return Buffer.byteLength(text.slice(last, end)) >= JSON_LOOK_BEHIND_BYTES;
}

/** A separator that has more behind it than a comment. */
export interface BadSeparator {
  /** Where the text behind the dashes is. */
  readonly offset: number;
}

/**
 * Splits a stream of YAML as kubectl does (apimachinery's YAMLReader), which does so before it parses: at each line that
 * begins with `---`, unless no line stands before it.
 */
export function splitYaml(
  text: string,
  start: number,
): { readonly documents: readonly DocumentRange[]; readonly badSeparators: readonly BadSeparator[] } {
  const documents: DocumentRange[] = [];
  const badSeparators: BadSeparator[] = [];
  let documentStart = start;
  for (let lineStart = start; lineStart < text.length; ) {
    const lineFeed = text.indexOf('\n', lineStart);
    const lineEnd = lineFeed === -1 ? text.length : lineFeed + 1;
    if (text.startsWith('---', lineStart)) {
      const behind = skipUnicodeSpace(text, lineStart + 3, lineEnd);
      const isBad = behind < lineEnd && text[behind] !== '#';
      if (isBad) badSeparators.push({ offset: behind });
      if (lineStart > documentStart || isBad) {
        if (lineStart > documentStart) documents.push({ start: documentStart, end: lineStart });
        documentStart = lineEnd;
      }
    }
    lineStart = lineEnd;
  }
  if (documentStart < text.length) documents.push({ start: documentStart, end: text.length });
  return { documents, badSeparators };
}

/** Where a text begins behind its byte order mark. */
export function behindByteOrderMark(text: string, start: number): number {
  return text.startsWith(BYTE_ORDER_MARK, start) ? start + 1 : start;
}

function skipUnicodeSpace(text: string, start: number, end: number): number {
  let at = start;
  while (at < end && isUnicodeSpace(text[at])) at++;
  return at;
}

/** White space as Go's `unicode.IsSpace` has it; of JavaScript's, U+FEFF is none there. */
function isUnicodeSpace(char: string | undefined): boolean {
  return char !== undefined && /^[\s\u0085]$/.test(char) && char !== BYTE_ORDER_MARK;
}
