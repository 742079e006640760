/** UTF-16 units of a name. */
const MAX_LENGTH = 128;

/** An identifier for a name of a server or a document: what an identifier cannot have becomes `_`. Pure. */
export function identifierOf(name: string): string {
  const text = name
    .slice(0, MAX_LENGTH)
    .replace(/[^\w$]+/g, '_')
    .replace(/(?<=.)_$/, '');
  if (text === '') return '_';
  // An object with a member `then` would be taken for a promise where it is awaited.
  return /^\d/.test(text) || text === 'then' ? `_${text}` : text;
}

/** Gives each name once: what would be there twice gets a number. */
export class UniqueNames {
  readonly #taken = new Set<string>();

  of(name: string): string {
    const identifier = identifierOf(name);
    let unique = identifier;
    for (let number = 2; this.#taken.has(unique); number++) unique = `${identifier}_${number}`;
    this.#taken.add(unique);
    return unique;
  }
}
