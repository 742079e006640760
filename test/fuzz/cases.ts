import fc from 'fast-check';

/** Cases that are made from one seed: enough for it to cost little, few enough to make one again. */
const PER_CHUNK = 50;

/** The inputs of a fuzz, each named by its number: the same seed and number are the same input, always. */
export class Cases<T> {
  readonly #input: fc.Arbitrary<T>;
  readonly #seed: number;
  #chunk: readonly T[] = [];
  #chunkNumber = -1;

  constructor(input: fc.Arbitrary<T>, seed: number) {
    this.#input = input;
    this.#seed = seed;
  }

  at(number: number): T {
    const chunk = Math.floor(number / PER_CHUNK);
    if (chunk !== this.#chunkNumber) {
      const seed = (Math.imul(this.#seed, 0x9e3779b1) + Math.imul(chunk, 0x85ebca6b)) | 0;
      this.#chunk = fc.sample(this.#input, { seed, numRuns: PER_CHUNK });
      this.#chunkNumber = chunk;
    }
    return this.#chunk[number % PER_CHUNK] as T;
  }
}
