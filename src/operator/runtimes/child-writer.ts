import { isAlreadyExists, isConflict, isForbidden, isInvalid } from '../kube/api-error.ts';
import type { KubeClient } from '../kube/client.ts';
import type { KubeObject } from '../kube/object.ts';
import { isControlledBy } from '../kube/owner-references.ts';
import type { Resource } from '../kube/resource.ts';
import { DEPLOYMENTS, NETWORK_POLICIES, POD_DISRUPTION_BUDGETS, SERVICE_ACCOUNTS } from '../kube/resources.ts';
import type { Store } from '../kube/store.ts';
import type { Child } from './children.ts';
import type { ChildRefusal } from './conditions.ts';
import { covers, mending } from './drift.ts';
import type { KnownRuntime } from './known-runtime.ts';

const FIELD_MANAGER = 'copepod-operator';

/** Every kind of child, and where the API server has it. */
export const CHILD_RESOURCES: readonly Resource[] = [
  SERVICE_ACCOUNTS,
  DEPLOYMENTS,
  POD_DISRUPTION_BUDGETS,
  NETWORK_POLICIES,
];

/** The caches of the children, by kind. */
export type ChildStores = Readonly<Record<string, Store<KubeObject>>>;

/** Makes the objects of a runtime what they should be. */
export class ChildWriter {
  readonly #client: KubeClient;
  readonly #stores: ChildStores;

  constructor(client: KubeClient, stores: ChildStores) {
    this.#client = client;
    this.#stores = stores;
  }

  /**
   * Applies what is missing or has drifted, and leaves alone what is right.
   * Gives the first refusal that trying again would not mend; throws what may pass.
   */
  async apply(runtime: KnownRuntime, children: readonly Child[]): Promise<ChildRefusal | undefined> {
    for (const child of children) {
      const refusal = await this.#applyOne(runtime, child);
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  }

  async #applyOne(runtime: KnownRuntime, child: Child): Promise<ChildRefusal | undefined> {
    const kind = child.kind as string;
    const resource = CHILD_RESOURCES.find((each) => each.kind === kind) as Resource;
    const known = this.#stores[kind]?.get(child.metadata);
    if (known !== undefined && isControlledBy(known, runtime) && covers(known, child)) return undefined;
    const { name } = child.metadata;
    try {
      // Where the cache has none, there may still be one that carries none of our labels.
      const found = await this.#client.find(resource, child.metadata);
      if (found !== undefined && !isControlledBy(found, runtime)) {
        // One whose runtime of the same name was deleted goes soon; anybody else's stays theirs.
        const message = `"${name}" exists and does not belong to this runtime.`;
        return { kind, message, reason: 'NameTaken' };
      }
      const applied = await this.#client.apply(resource, child, { fieldManager: FIELD_MANAGER, force: true });
      const operations = mending(applied, child);
      if (operations.length > 0) await this.#client.jsonPatch(resource, child.metadata, operations);
      return undefined;
    } catch (error) {
      const { message } = error as Error;
      if (isInvalid(error)) return { kind, message, reason: 'InvalidTemplate' };
      if (isForbidden(error)) return { kind, message, reason: 'Forbidden' };
      if (isConflict(error) || isAlreadyExists(error)) return { kind, message, reason: 'NameTaken' };
      throw error;
    }
  }
}
