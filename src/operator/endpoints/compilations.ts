import { LRUCache } from 'lru-cache';
import type { CompilationResult, ScriptToCompile } from '../../api/pod-protocol.ts';
import type { PodClient } from '../../cluster/pods/pod-client.ts';
import { PodRefusal, PodUnreachable } from '../../cluster/pods/pod-errors.ts';
import type { ServingPod } from '../../cluster/pods/serving-pod.ts';

export interface CompilationsParts {
  readonly client: Pick<PodClient, 'compile'>;
  readonly serving: (runtime: string) => Iterable<ServingPod>;
}

/** Results that are kept. */
const MAX_KEPT = 10_000;

/** Has pods compile the scripts of endpoints. What compiles and what does not is kept by version. */
export class Compilations {
  readonly #parts: CompilationsParts;
  readonly #results = new LRUCache<string, CompilationResult>({ max: MAX_KEPT });

  constructor(parts: CompilationsParts) {
    this.#parts = parts;
  }

  /** What compiling a version has given; undefined if it has not been compiled. */
  known(version: string): CompilationResult | undefined {
    return this.#results.get(version);
  }

  /**
   * Compiles a script on one of the pods of a runtime.
   * @returns undefined if none of them can compile it now
   */
  async compile(runtime: string, version: string, script: ScriptToCompile): Promise<CompilationResult | undefined> {
    for (const { uid, address, bootID } of this.#parts.serving(runtime)) {
      try {
        const result = await this.#parts.client.compile({ podUID: uid, address, bootID }, script);
        this.#results.set(version, result);
        return result;
      } catch (error) {
        // Another pod may: this one drains, is gone, or is of an older version.
        if (!(error instanceof PodRefusal || error instanceof PodUnreachable)) throw error;
      }
    }
    return undefined;
  }
}
