import { LRUCache } from 'lru-cache';
import type { ScriptRuntime } from '../../api/types.generated.ts';
import type { PodClient } from '../../cluster/pods/pod-client.ts';
import type { ServingPod } from '../../cluster/pods/serving-pod.ts';
import { keyOf } from '../../kube/object.ts';

/** Time after which a pod is asked again. */
const KEPT_MS = 60_000;
/** Pods and tenants, with up to 64 Ki characters each. */
const MAX_KEPT = 200;
/** Characters of a tenant's id, which is a part of the request's path. */
const MAX_TENANT = 253;

/** Types of the functions of tools, for clients of MCP. A gateway reaches no tool: the pods that load them are asked. */
export class ToolTypes {
  readonly #serving: (runtime: string) => Iterable<ServingPod>;
  readonly #client: Pick<PodClient, 'toolTypes'>;
  readonly #kept = new LRUCache<string, Promise<string>>({ max: MAX_KEPT, ttl: KEPT_MS });

  constructor(serving: (runtime: string) => Iterable<ServingPod>, client: Pick<PodClient, 'toolTypes'>) {
    this.#serving = serving;
    this.#client = client;
  }

  /** Declarations of a tenant's tools; a comment where no pod tells them; empty: the runtime has none. */
  async of(runtime: ScriptRuntime, tenant: string): Promise<string> {
    const { tools = [] } = runtime.spec;
    if (tools.length === 0 || tenant.length > MAX_TENANT) return '';
    const unknown = `// The functions of ${tools.map(({ name }) => name).join(', ')} are known when a pod of the runtime serves.`;
    const [pod] = this.#serving(keyOf(runtime));
    if (pod === undefined) return unknown;
    const { uid, address, bootID } = pod;
    const key = JSON.stringify([uid, bootID, tenant]);
    const kept = this.#kept.get(key) ?? this.#client.toolTypes({ podUID: uid, address, bootID }, tenant);
    this.#kept.set(key, kept, { noUpdateTTL: true });
    return await kept.catch(() => {
      this.#kept.delete(key);
      return unknown;
    });
  }
}
