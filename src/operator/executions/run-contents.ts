import { LRUCache } from 'lru-cache';
import type { RunContent } from '../../api/run-request.ts';

/** Maximum size of the cached contents; others are read when their turn comes. */
const MAX_BYTES = 32 << 20;

/**
 * Run contents by digest: the canonical JSON the digest was computed from. A claim's request is built from it before
 * the claim is written. Equal executions share one text.
 */
export class RunContents {
  readonly #texts = new LRUCache<string, string>({
    maxSize: MAX_BYTES,
    sizeCalculation: (text, digest) => 2 * (text.length + digest.length),
  });

  readonly keep = (digest: string, content: string): void => {
    this.#texts.set(digest, content);
  };

  get(digest: string): RunContent | undefined {
    const text = this.#texts.get(digest);
    return text === undefined ? undefined : (JSON.parse(text) as RunContent);
  }
}
