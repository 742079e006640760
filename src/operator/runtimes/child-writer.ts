import type { KnownRuntime } from '../../cluster/known-runtime.ts';
import { ApiError } from '../../kube/api-error.ts';
import type { KubeClient } from '../../kube/client.ts';
import { type KubeObject, keyOf } from '../../kube/object.ts';
import { isControlledBy } from '../../kube/owner-references.ts';
import type { Resource } from '../../kube/resource.ts';
import {
  DEPLOYMENTS,
  type Deployment,
  NETWORK_POLICIES,
  POD_DISRUPTION_BUDGETS,
  SERVICE_ACCOUNTS,
} from '../../kube/resources.ts';
import type { Store } from '../../kube/store.ts';
import { type ChildProblem, problemOf } from './child-problem.ts';
import { appliedDigest, type Child } from './children.ts';
import { covers, differences, mending } from './drift.ts';
import { Rewrites } from './rewrites.ts';

const FIELD_MANAGER = 'copepod-operator';
/** A transient error is reported once it has lasted this long. */
const TOLD_AFTER_MS = 3000;
/** An object is contested after this many writes that undo the same change. */
const TOLD_AFTER_WRITES = 3;
/** Maximum number of reported fields. */
const MAX_PATHS = 3;

/** Every kind of child with its API resource. */
export const CHILD_RESOURCES: readonly Resource[] = [
  NETWORK_POLICIES,
  SERVICE_ACCOUNTS,
  DEPLOYMENTS,
  POD_DISRUPTION_BUDGETS,
];

/** The caches of the children, by kind. */
export type ChildStores = Readonly<Record<string, Store<KubeObject>>>;

/** The result of applying the objects of a runtime. */
export interface ChildReport {
  /** In the order of the children; transient errors only once they have lasted. */
  readonly problems: readonly ChildProblem[];
  /** The first transient error: retried with back-off. */
  readonly error?: unknown;
  /** When to apply a contested object again. */
  readonly requeueAfterMs?: number;
}

interface Applied {
  /** Whether the object is as desired. */
  readonly isRight?: boolean;
  readonly problem?: ChildProblem;
  readonly error?: unknown;
  readonly requeueAfterMs?: number;
}

const RIGHT: Applied = { isRight: true };

/** Applies the objects of a runtime. */
export class ChildWriter {
  readonly #client: KubeClient;
  readonly #stores: ChildStores;
  readonly #rewrites = new Rewrites();
  /** Start of each child's transient failure, by the monotonic clock. */
  readonly #failingSince = new Map<string, number>();
  /** Runtimes whose NetworkPolicy is in place. */
  readonly #guarded = new Set<string>();
  readonly #onGuard: (runtime: string) => void;

  /** @param onGuard called when a runtime's NetworkPolicy is in place, or no longer */
  constructor(client: KubeClient, stores: ChildStores, onGuard: (runtime: string) => void) {
    this.#client = client;
    this.#stores = stores;
    this.#onGuard = onGuard;
  }

  /** Whether the NetworkPolicy of a runtime's pods was in place when last checked. */
  hasNetworkPolicy(runtime: string): boolean {
    return this.#guarded.has(runtime);
  }

  /**
   * Applies missing and drifted children, and does not touch correct ones. A failing child does not stop the others.
   * Throws if the API server does not answer at all.
   */
  async apply(runtime: KnownRuntime, children: readonly Child[]): Promise<ChildReport> {
    const key = keyOf(runtime);
    const results: Applied[] = [];
    for (const child of children) {
      const isGuard = child.kind === NETWORK_POLICIES.kind;
      if (isGuard && !this.#isRight(runtime, child)) this.#setGuarded(key, false);
      const result = await this.#applyOne(runtime, child);
      if (isGuard) this.#setGuarded(key, result.isRight ?? false);
      results.push(result);
    }
    const error = results.find((result) => result.error !== undefined)?.error;
    const waits = results.flatMap(({ requeueAfterMs }) => requeueAfterMs ?? []);
    return {
      problems: results.flatMap(({ problem }) => problem ?? []),
      ...(error === undefined ? {} : { error }),
      ...(waits.length === 0 ? {} : { requeueAfterMs: Math.min(...waits) }),
    };
  }

  /** The runtime is deleted, and its objects with it. */
  forget(key: string): void {
    this.#guarded.delete(key);
    for (const { kind } of CHILD_RESOURCES) {
      this.#rewrites.forget(`${kind} ${key}`);
      this.#failingSince.delete(`${kind} ${key}`);
    }
  }

  #isRight(runtime: KnownRuntime, child: Child): boolean {
    const known = this.#stores[child.kind as string]?.get(child.metadata);
    return known !== undefined && isControlledBy(known, runtime) && covers(known, child);
  }

  async #applyOne(runtime: KnownRuntime, child: Child): Promise<Applied> {
    const kind = child.kind as string;
    const id = `${kind} ${keyOf(runtime)}`;
    if (this.#isRight(runtime, child)) {
      this.#failingSince.delete(id);
      return RIGHT;
    }
    const now = performance.now();
    // Only the same change, made again to the same content, is a loop: different changes are not one client's.
    const change = `${appliedDigest(child)} ${differences(this.#stores[kind]?.get(child.metadata), child)}`;
    const { writes, waitMs } = this.#rewrites.before(id, change, now);
    if (waitMs > 0) return { problem: this.#overwritten(child, writes), requeueAfterMs: waitMs };
    const resource = CHILD_RESOURCES.find((each) => each.kind === kind) as Resource;
    try {
      // The cache may not contain it because it lacks our labels.
      const found = await this.#client.find(resource, child.metadata);
      if (found !== undefined && !isControlledBy(found, runtime)) {
        // The child of a deleted runtime of the same name is removed soon; a foreign object is left unchanged.
        const message = `"${child.metadata.name}" exists and does not belong to this runtime.`;
        return { problem: { kind, message, reason: 'NameTaken' } };
      }
      if (found !== undefined && covers(found, child)) return RIGHT; // the cache is behind
      const written = await this.#write(resource, child).catch(async (error: unknown) => {
        if (found !== undefined && kind === DEPLOYMENTS.kind) await this.#scaleAlone(found, child as Deployment);
        throw error;
      });
      this.#failingSince.delete(id);
      this.#rewrites.wrote(id, change, now);
      const isRight = covers(written, child);
      return writes < TOLD_AFTER_WRITES ? { isRight } : { isRight, problem: this.#overwritten(child, writes + 1) };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const problem = problemOf(kind, error);
      if (problem.reason !== 'ApplyFailed') return { problem };
      const since = this.#failingSince.get(id) ?? now;
      this.#failingSince.set(id, since);
      return now - since < TOLD_AFTER_MS ? { error } : { error, problem };
    }
  }

  /** Returns the written object, which an admission policy may have changed. */
  async #write(resource: Resource, child: Child): Promise<KubeObject> {
    const applied = await this.#client.apply(resource, child, { fieldManager: FIELD_MANAGER, force: true });
    const operations = mending(applied, child);
    if (operations.length === 0) return applied;
    return await this.#client.jsonPatch(resource, child.metadata, operations);
  }

  /** Scaling does not depend on a rejected template: an existing Deployment is still scaled. */
  async #scaleAlone(found: Deployment, { metadata, spec }: Deployment): Promise<void> {
    const replicas = spec?.replicas;
    if (found.spec?.replicas === replicas) return;
    const patch = { metadata: { uid: found.metadata.uid }, spec: { replicas } };
    await this.#client.mergePatch(DEPLOYMENTS, metadata, patch).catch(() => {
      // an error here has the same cause and is reported already
    });
  }

  /** A child is changed after each write. */
  #overwritten(child: Child, writes: number): ChildProblem {
    const kind = child.kind as string;
    const known = this.#stores[kind]?.get(child.metadata);
    const paths = differences(known, child);
    const what = known === undefined ? `deletes "${child.metadata.name}"` : `changes ${listed(paths)}`;
    const message = `Another client ${what} after each of the operator's writes, ${writes} times so far`;
    return { kind, reason: 'Overwritten', message };
  }

  #setGuarded(key: string, isGuarded: boolean): void {
    if (isGuarded === this.#guarded.has(key)) return;
    if (isGuarded) this.#guarded.add(key);
    else this.#guarded.delete(key);
    this.#onGuard(key);
  }
}

function listed(paths: readonly string[]): string {
  const more = paths.length - MAX_PATHS;
  const shown = paths.slice(0, MAX_PATHS).join(', ');
  return more > 0 ? `${shown} and ${more} fields more` : shown;
}
