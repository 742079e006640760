/** Characters that are invisible, break a line, or change the direction of what stands beside them. */
const UNFIT = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{DI}\s]+/gu;
/** The first half of a character whose second one was cut off. */
const HALF = /[\ud800-\udbff]$/u;

/**
 * Words of a server or a document for a comment: one line, cut, of whole characters, and nothing in it that would end the comment or
 * the block of code around it. Pure.
 * @param maxLength in UTF-16 units
 */
export function commentText(words: string, maxLength: number): string {
  // What is far behind the cut is not worth looking at.
  const text = words
    .slice(0, 4 * maxLength)
    .toWellFormed()
    .replace(UNFIT, ' ')
    .replaceAll('*/', '*\\/')
    .replaceAll('```', "'''")
    .trim();
  return text.length <= maxLength
    ? text
    : `${text
        .slice(0, maxLength - 1)
        .replace(HALF, '')
        .trimEnd()}…`;
}
