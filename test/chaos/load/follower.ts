import type { ScriptExecution } from '../../../src/api/types.generated.ts';
import type { KubeClient } from '../../../src/operator/kube/client.ts';
import { Reflector } from '../../../src/operator/kube/reflector.ts';
import { SCRIPT_EXECUTIONS } from '../../../src/operator/resources.ts';
import { conclusionOf } from '../verdict/conclusion.ts';

/** Watches the executions of a namespace: who has ended, and who says another thing after it has. */
export class Follower {
  readonly #ended = new Map<string, string>();
  readonly #changes: string[] = [];
  readonly #over = new AbortController();
  #movedAt = performance.now();

  constructor(client: KubeClient, namespace: string) {
    const reflector = new Reflector<ScriptExecution>(
      { client, resource: SCRIPT_EXECUTIONS, namespace, backoff: { baseMs: 200, maxMs: 1000 } },
      {
        replaced: (objects) => {
          for (const object of objects) this.#sees(object);
        },
        changed: (object) => this.#sees(object),
        deleted: ({ metadata }) => this.#changes.push(`${metadata.name} was deleted`),
      },
    );
    void reflector.run(this.#over.signal);
  }

  /** How many have ended. */
  get ended(): number {
    return this.#ended.size;
  }

  /** What an end that was recorded has become afterwards: nothing may. */
  get changes(): readonly string[] {
    return this.#changes;
  }

  /** Since one has ended, in milliseconds. */
  get stillForMs(): number {
    return performance.now() - this.#movedAt;
  }

  [Symbol.dispose](): void {
    this.#over.abort();
  }

  #sees(object: ScriptExecution): void {
    const { name } = object.metadata;
    const before = this.#ended.get(name);
    const now = conclusionOf(object);
    if (before === now) return;
    if (before !== undefined)
      this.#changes.push(`${name} ended as ${before}, and then says ${now ?? 'that it has not'}`);
    if (now === undefined) return;
    this.#ended.set(name, now);
    this.#movedAt = performance.now();
  }
}
