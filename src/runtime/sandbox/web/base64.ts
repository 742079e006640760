/** @returns the bytes, one a character, or undefined where the text is not base64 */
export function fromBase64(text: string): string | undefined {
  try {
    return atob(text);
  } catch {
    return undefined;
  }
}

/** @param text one byte a character; undefined where one is none */
export function toBase64(text: string): string | undefined {
  try {
    return btoa(text);
  } catch {
    return undefined;
  }
}
