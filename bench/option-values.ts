/** Parses an option that must be a whole number, by default at least 1. @throws Error with a message for the user */
export function wholeNumber(option: string, text: string, atLeast = 1): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < atLeast) {
    throw new Error(`${option}: ${text} is not a whole number of at least ${atLeast}`);
  }
  return value;
}

/** Path of the file for the figures of a bench that names none, with the time in it. @param bench empty: none in its name */
export function resultsFile(bench: string): string {
  const name = [bench, new Date().toISOString().replaceAll(':', '-')].filter(Boolean).join('-');
  return new URL(`./results/${name}.json`, import.meta.url).pathname;
}

/** The parts named in a comma-separated list, in their fixed order; all if it is empty. @throws Error as above */
export function partsOf<Part extends string>(list: string, parts: readonly Part[]): readonly Part[] {
  const only = list.split(',').filter(Boolean);
  const unknown = only.filter((name) => !parts.some((part) => part === name));
  if (unknown.length > 0) throw new Error(`--only: no part ${unknown.join(', ')}; there are ${parts.join(', ')}`);
  return only.length > 0 ? parts.filter((part) => only.includes(part)) : parts;
}
