/** The value of an option that must be a whole number, from 1 where nothing else is said. @throws Error with a message for the user */
export function wholeNumber(option: string, text: string, atLeast = 1): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < atLeast) {
    throw new Error(`${option}: ${text} is no whole number from ${atLeast}`);
  }
  return value;
}

/** The parts that a comma-separated list names, in their own order; all where it is empty. @throws Error as above */
export function partsOf<Part extends string>(list: string, parts: readonly Part[]): readonly Part[] {
  const only = list.split(',').filter(Boolean);
  const unknown = only.filter((name) => !parts.some((part) => part === name));
  if (unknown.length > 0) throw new Error(`--only: no part ${unknown.join(', ')}; there are ${parts.join(', ')}`);
  return only.length > 0 ? parts.filter((part) => only.includes(part)) : parts;
}
