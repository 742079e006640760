import type { ScriptExecution } from '../../../src/api/types.generated.ts';
import { SCRIPT_EXECUTIONS } from '../../../src/cluster/resources.ts';
import type { KubeClient } from '../../../src/kube/client.ts';
import { Reflector } from '../../../src/kube/reflector.ts';
import { conclusionOf } from '../verdict/conclusion.ts';

/** Watches the executions of a namespace: which have finished, and which change afterwards. */
export class Follower {
  readonly #ended = new Map<string, string>();
  readonly #changes: string[] = [];
  readonly #over = new AbortController();
  #movedAt = performance.now();

  constructor(client: KubeClient, namespace: string) {
    const reflector = new Reflector<ScriptExecution>(
      {
        client,
        resource: SCRIPT_EXECUTIONS,
        transform: (execution) => execution,
        namespace,
        backoff: { baseMs: 200, maxMs: 1000 },
      },
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

  /** Number of finished executions. */
  get ended(): number {
    return this.#ended.size;
  }

  /** Changes of recorded outcomes: there must be none. */
  get changes(): readonly string[] {
    return this.#changes;
  }

  /** Time since the last execution finished, in milliseconds. */
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
      this.#changes.push(`${name} finished as ${before}, then changed to ${now ?? 'unfinished'}`);
    if (now === undefined) return;
    this.#ended.set(name, now);
    this.#movedAt = performance.now();
  }
}
