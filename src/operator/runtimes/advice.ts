/** Of what somebody else says: the beginning tells enough. */
const MAX_SAID = 1500;

/** What was said, as a sentence, and then what to do. */
export function advised(said: string, advice: string): string {
  const text = said.slice(0, MAX_SAID).trimEnd();
  return `${text}${text.endsWith('.') ? '' : '.'} ${advice}`;
}
