import { hash } from 'node:crypto';

const SHARDS = 256;
/** Load factor at which a shard grows by a quarter: small steps waste little memory. */
const MAX_LOAD = 0.8;
const GROWTH = 1.25;

/**
 * A set of run ids that only grows, small enough to be kept for the life of a process. It stores 8 bytes of each id's
 * SHA-256 (72 bits with the shard's index) in open-addressing tables of typed arrays. With free slots an id costs about
 * 11 bytes: 10 million take 115 MB, where a `Set` of strings takes 1 GB and fails at 16.7 million. The probability of a
 * false positive among 10 million is 1 in 100 million. Shards grow one at a time, so that no copy takes more than a
 * millisecond or two.
 */
export class Tombstones {
  readonly #shards = Array.from({ length: SHARDS }, (_, i) => new Shard(8 + (i % 8)));
  #size = 0;

  /** @returns whether it was new */
  add(id: string): boolean {
    const { shard, high, low } = this.#find(id);
    const isNew = shard.add(high, low);
    if (isNew) this.#size++;
    return isNew;
  }

  has(id: string): boolean {
    const { shard, high, low } = this.#find(id);
    return shard.has(high, low);
  }

  get size(): number {
    return this.#size;
  }

  /** Memory of the tables, in bytes. */
  get bytes(): number {
    return this.#shards.reduce((sum, shard) => sum + shard.bytes, 0);
  }

  #find(id: string): { shard: Shard; high: number; low: number } {
    const digest = hash('sha256', id, 'buffer');
    // Two zeros mark a free slot.
    const low = digest.readUInt32LE(4) || 1;
    return { shard: this.#shards[digest[8] ?? 0] as Shard, high: digest.readUInt32LE(0), low };
  }
}

class Shard {
  #slots: number;
  #words: Uint32Array;
  #size = 0;

  /** @param slots initial number; shards of equal size would all grow at the same time */
  constructor(slots: number) {
    this.#slots = slots;
    this.#words = new Uint32Array(2 * slots);
  }

  get bytes(): number {
    return this.#words.byteLength;
  }

  has(high: number, low: number): boolean {
    return this.#words[this.#slot(high, low) + 1] !== 0;
  }

  add(high: number, low: number): boolean {
    if (this.has(high, low)) return false;
    if (this.#size + 1 > this.#slots * MAX_LOAD) this.#grow();
    this.#put(high, low);
    this.#size++;
    return true;
  }

  /** Index of the slot that contains the id, or of the free slot for it. */
  #slot(high: number, low: number): number {
    const words = this.#words;
    for (let slot = high % this.#slots; ; slot = slot + 1 === this.#slots ? 0 : slot + 1) {
      const at = 2 * slot;
      if (words[at + 1] === 0 || (words[at] === high && words[at + 1] === low)) return at;
    }
  }

  #put(high: number, low: number): void {
    const at = this.#slot(high, low);
    this.#words[at] = high;
    this.#words[at + 1] = low;
  }

  #grow(): void {
    const old = this.#words;
    this.#slots = Math.ceil(this.#slots * GROWTH);
    this.#words = new Uint32Array(2 * this.#slots);
    for (let at = 0; at < old.length; at += 2) {
      const low = old[at + 1] as number;
      if (low !== 0) this.#put(old[at] as number, low);
    }
  }
}
