import type { ScriptExecution } from '../../../../src/api/types.generated.ts';
import type { KnownPod } from '../../../../src/cluster/pods/known-pod.ts';
import { ApiError } from '../../../../src/kube/api-error.ts';
import { type KubeObject, keyOf } from '../../../../src/kube/object.ts';
import { Process } from './virtual-time.ts';

export interface Change<T extends KubeObject = KubeObject> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: T;
}

/** Objects of one kind. Stored objects are immutable. */
export class Collection<T extends KubeObject> {
  readonly #objects = new Map<string, T>();
  readonly #watchers = new Set<(change: Change<T>) => void>();
  readonly #log: Change<T>[] = [];
  readonly #nextVersion: () => string;

  constructor(nextVersion: () => string) {
    this.#nextVersion = nextVersion;
  }

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  list(): T[] {
    return [...this.#objects.values()];
  }

  /** Writes an object unconditionally. */
  put(object: T): T {
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: this.#nextVersion() } };
    const type = this.#objects.has(keyOf(object)) ? 'MODIFIED' : 'ADDED';
    this.#objects.set(keyOf(object), stored);
    this.#tell({ type, object: stored });
    return stored;
  }

  remove(key: string): void {
    const object = this.#objects.get(key);
    if (object === undefined) return;
    this.#objects.delete(key);
    const metadata = { ...object.metadata, resourceVersion: this.#nextVersion() };
    this.#tell({ type: 'DELETED', object: { ...object, metadata } });
  }

  /** Delivers every change after a version, past and future. Returns the unsubscribe function. */
  watch(after: string, tell: (change: Change<T>) => void): () => void {
    for (const change of this.#log) if (Number(change.object.metadata.resourceVersion) > Number(after)) tell(change);
    this.#watchers.add(tell);
    return () => this.#watchers.delete(tell);
  }

  #tell(change: Change<T>): void {
    this.#log.push(change);
    for (const tell of this.#watchers) tell(change);
  }
}

/** Called for each status write, with the object before and after. */
export type StatusObserver = (before: ScriptExecution, after: ScriptExecution) => void;

/** The stored objects, each with a version that changes with every write. */
export class ApiServer {
  readonly process = new Process('api');
  readonly executions: Collection<ScriptExecution>;
  readonly pods: Collection<KnownPod>;
  readonly #onStatus: StatusObserver;
  #version = 1000;

  constructor(onStatus: StatusObserver) {
    this.#onStatus = onStatus;
    const next = (): string => String(++this.#version);
    this.executions = new Collection(next);
    this.pods = new Collection(next);
  }

  get version(): string {
    return String(this.#version);
  }

  collection(plural: string): Collection<KubeObject> {
    return (plural === 'pods' ? this.pods : this.executions) as unknown as Collection<KubeObject>;
  }

  /** PUT of the status: a conflict unless the version is the current one. */
  replaceStatus({ metadata, status }: ScriptExecution): ScriptExecution {
    const before = this.executions.get(keyOf({ metadata }));
    if (before === undefined) throw new ApiError(404, { reason: 'NotFound' });
    const { uid, resourceVersion } = metadata;
    const isSame = uid === before.metadata.uid && resourceVersion === before.metadata.resourceVersion;
    if (!isSame) throw new ApiError(409, { reason: 'Conflict' });
    const after = this.executions.put({ ...before, status: JSON.parse(JSON.stringify(status)) });
    this.#onStatus(before, after);
    return after;
  }

  /** A user's change of a spec. */
  edit(key: string, change: (spec: ScriptExecution['spec']) => ScriptExecution['spec']): void {
    const before = this.executions.get(key);
    if (before === undefined || before.metadata.deletionTimestamp !== undefined) return;
    const metadata = { ...before.metadata, generation: (before.metadata.generation ?? 1) + 1 };
    this.executions.put({ ...before, metadata, spec: change(before.spec) });
  }

  delete(
    key: string,
    { uid, resourceVersion }: { uid?: string | undefined; resourceVersion?: string | undefined },
  ): void {
    const object = this.executions.get(key);
    if (object === undefined) throw new ApiError(404, { reason: 'NotFound' });
    const { metadata } = object;
    if (uid !== metadata.uid || resourceVersion !== metadata.resourceVersion)
      throw new ApiError(409, { reason: 'Conflict' });
    this.executions.remove(key);
  }
}
