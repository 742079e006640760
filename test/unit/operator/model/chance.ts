/**
 * Pseudo-random values of a simulation, from a seed. Each stream has a name, and its n-th value depends only on seed, name
 * and n: when a schedule is shortened, the remaining events happen as before. Seed 0 gives the simplest values.
 */
export class Chance {
  readonly #seed: number;
  readonly #asked = new Map<string, number>();

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** From 0 up to 1; 0 with seed 0. */
  fraction(question: string): number {
    if (this.#seed === 0) return 0;
    const n = this.#asked.get(question) ?? 0;
    this.#asked.set(question, n + 1);
    return hash(`${this.#seed} ${question} ${n}`) / 2 ** 32;
  }

  /** One of these; the first with seed 0. */
  pick<T>(question: string, choices: readonly T[]): T {
    return choices[Math.floor(this.fraction(question) * choices.length)] as T;
  }
}

/** FNV-1a, with the last steps of MurmurHash3 to spread it. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
