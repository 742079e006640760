import type { ScriptExecution, ScriptRuntime } from '../../../api/types.generated.ts';
import { SCRIPT_EXECUTIONS, SCRIPT_RUNTIMES } from '../../../cluster/resources.ts';
import { Informer } from '../../../kube/informer.ts';
import { withoutManagedFields } from '../../../kube/object.ts';
import type { Cluster } from '../cluster.ts';
import { type ExecutionRow, executionRow } from './rows.ts';
import type { TopState } from './view.ts';

/** Caches of the runtimes and executions. */
export class Following implements Disposable {
  readonly #end = new AbortController();
  readonly #runtimes: Informer<ScriptRuntime>;
  readonly #executions: Informer<ScriptExecution, ExecutionRow>;
  readonly #cluster: Cluster;
  readonly #refused = Promise.withResolvers<never>();
  /** The last failure since the last answer. */
  lost: unknown;

  constructor(cluster: Cluster, isEverywhere: boolean) {
    this.#cluster = cluster;
    const { client, namespace } = cluster;
    const common = {
      client,
      ...(isEverywhere ? {} : { namespaces: [namespace] }),
      onError: (error: unknown) => {
        this.lost = error;
        // A failure of the first lists ends the command; later ones are tried again.
        if (!this.#isSynced) this.#refused.reject(error);
      },
    };
    this.#runtimes = new Informer({ ...common, resource: SCRIPT_RUNTIMES, transform: withoutManagedFields });
    this.#executions = new Informer({ ...common, resource: SCRIPT_EXECUTIONS, transform: executionRow });
    this.#refused.promise.catch(() => {});
    const heard = (): void => {
      this.lost = undefined;
    };
    this.#runtimes.handle({ added: heard, updated: heard });
    this.#executions.handle({ added: heard, updated: heard });
    void this.#runtimes.run(this.#end.signal);
    void this.#executions.run(this.#end.signal);
  }

  /** Resolves once everything is listed, or the signal is aborted. Throws what the API server refuses. */
  async synced(signal: AbortSignal): Promise<void> {
    const all = Promise.all([this.#runtimes.whenSynced(signal), this.#executions.whenSynced(signal)]);
    await Promise.race([all, this.#refused.promise]).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }

  state(): TopState {
    return {
      runtimes: [...this.#runtimes.store.values()],
      executions: [...this.#executions.store.values()],
      now: this.#cluster.client.now(),
    };
  }

  get #isSynced(): boolean {
    return this.#runtimes.hasSynced && this.#executions.hasSynced;
  }

  [Symbol.dispose](): void {
    this.#end.abort();
  }
}
