import { LRUCache } from 'lru-cache';
import type { Program } from './types.ts';

const MAX_PROGRAMS = 256;
const MAX_BYTES = 16 << 20;
/** Bytes that a program takes beside its source. */
const OVERHEAD_BYTES = 1024;
/** UTF-16 units of each end of a source. */
const SAMPLE_LENGTH = 64;

/** The programs that were named last, by their sources: one that runs again and again need not be hashed each time. */
export class RecentPrograms {
  readonly #bySample = new LRUCache<string, Program>({
    max: MAX_PROGRAMS,
    maxSize: MAX_BYTES,
    sizeCalculation: ({ source }) => source.length * 2 + OVERHEAD_BYTES,
  });

  get(source: string): Program | undefined {
    const program = this.#bySample.get(sampleOf(source));
    return program?.source === source ? program : undefined;
  }

  add(program: Program): void {
    this.#bySample.set(sampleOf(program.source), program);
  }
}

/** Of sources with one sample the last is kept. V8 copies and hashes each key that a map is asked for, which for a whole source takes longer than all else. */
const sampleOf = (source: string): string =>
  `${source.length} ${source.slice(0, SAMPLE_LENGTH)}${source.slice(-SAMPLE_LENGTH)}`;
