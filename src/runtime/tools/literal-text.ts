/** Characters that are invisible, break a line, or change the direction of what stands beside them; and what ends a block of code. */
const ESCAPED = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{DI}`]/gu;

/** A text as a literal of TypeScript that shows all that is in it, and holds nothing that would end the block of code around it. Pure. */
export const literalText = (text: string): string =>
  JSON.stringify(text).replace(ESCAPED, (character) =>
    character
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  );
