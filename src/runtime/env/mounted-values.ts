import { readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { keyOf, type ValueReference, valuePath } from '../../api/env.ts';
import type { ValueSource, Values } from './value-source.ts';

/** The link that the kubelet replaces when any value has changed: it leads to a directory with all of them. */
const CURRENT = '..data';
/** How often the link is read at most, in milliseconds. The kubelet needs up to a minute to replace it. */
const CHECK_EVERY_MS = 500;
/** How often values are read again that the kubelet has replaced meanwhile. */
const MAX_READS = 10;

const NOTHING: Values = { read: () => undefined };

/**
 * The values that the kubelet mounts into a pod. It replaces all of them at once, by a symbolic link (its AtomicWriter):
 * new values are seen without a restart, and values of different times are never mixed.
 */
export class MountedValues implements ValueSource {
  readonly #directory: string;
  readonly #references: readonly ValueReference[];
  readonly #now: () => number;
  #values: Values = NOTHING;
  #generation: string | undefined;
  #checkedAtMs = Number.NEGATIVE_INFINITY;

  /**
   * @param directory where the values are mounted
   * @param references the values that are mounted there
   * @param now milliseconds of the monotonic clock
   */
  constructor(directory: string, references: readonly ValueReference[], now = () => performance.now()) {
    this.#directory = directory;
    this.#references = references;
    this.#now = now;
  }

  snapshot(): Values {
    if (this.#references.length > 0 && this.#now() - this.#checkedAtMs >= CHECK_EVERY_MS) this.#refresh();
    return this.#values;
  }

  #refresh(): void {
    this.#checkedAtMs = this.#now();
    let generation = this.#link();
    for (let reads = 0; generation !== this.#generation && reads < MAX_READS; reads++) {
      const values = this.#readAll(generation);
      const present = this.#link();
      if (present === generation) [this.#values, this.#generation] = [values, generation];
      generation = present;
    }
  }

  #link(): string | undefined {
    try {
      return readlinkSync(join(this.#directory, CURRENT));
    } catch {
      return undefined; // nothing is mounted: every value is missing
    }
  }

  #readAll(generation: string | undefined): Values {
    if (generation === undefined) return NOTHING;
    const texts = new Map<string, string>();
    for (const reference of this.#references) {
      try {
        texts.set(keyOf(reference), readFileSync(join(this.#directory, generation, valuePath(reference)), 'utf8'));
      } catch {
        // It does not exist, or the kubelet has replaced the directory.
      }
    }
    return { read: (reference) => texts.get(keyOf(reference)) };
  }
}
