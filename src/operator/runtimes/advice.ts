/** Maximum length of a quoted message. */
const MAX_SAID = 1500;

/** The quoted message as a sentence, followed by advice. */
export function advised(said: string, advice: string): string {
  const text = said.slice(0, MAX_SAID).trimEnd();
  return `${text}${text.endsWith('.') ? '' : '.'} ${advice}`;
}
