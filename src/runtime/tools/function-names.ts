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
  /** The number to try next of each identifier that was there twice: each is tried once, however many names there are. */
  readonly #next = new Map<string, number>();
  #steps = 0;

  of(name: string): string {
    const identifier = identifierOf(name);
    let unique = identifier;
    let number = this.#next.get(identifier) ?? 2;
    for (this.#steps++; this.#taken.has(unique); this.#steps++) unique = `${identifier}_${number++}`;
    if (unique !== identifier) this.#next.set(identifier, number);
    this.#taken.add(unique);
    return unique;
  }

  /** Names that were looked for: a few for each that was given. */
  get steps(): number {
    return this.#steps;
  }
}
