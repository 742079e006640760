import { add } from './count.ts';
import { getOrMake } from './get-or-make.ts';
import { Line } from './line.ts';

/** An execution that waits for a place on a pod. */
export interface Waiting {
  readonly key: string;
  readonly namespace: string;
  /** Key of its ScriptRuntime. */
  readonly runtime: string;
  readonly tenant: string;
  /** Higher goes first, within its tenant. */
  readonly priority: number;
  readonly createdMs: number;
}

/** The tenants that wait for a runtime, the one served longest ago first; each with its executions in order. */
type Tenants = Map<string, Line<Waiting>>;
/** The runtimes of a namespace that somebody waits for, the one served longest ago first. */
type Runtimes = Map<string, Tenants>;

/**
 * Who is next: namespaces take turns, within each its runtimes and their tenants take turns, and a tenant's executions go
 * by priority and then by age. So ten thousand executions of one tenant hold up nobody else's one, and a runtime that has
 * no place costs one look, however many wait for it.
 */
export class FairQueue {
  readonly #waiting = new Map<string, Waiting>();
  /** The namespace served longest ago first. */
  readonly #namespaces = new Map<string, Runtimes>();
  readonly #countByRuntime = new Map<string, number>();
  /** By namespace, and by namespace and tenant. */
  readonly #countByParty = new Map<string, number>();

  get size(): number {
    return this.#waiting.size;
  }

  get(key: string): Waiting | undefined {
    return this.#waiting.get(key);
  }

  has(key: string): boolean {
    return this.#waiting.has(key);
  }

  /** How many wait for a runtime. */
  count(runtime: string): number {
    return this.#countByRuntime.get(runtime) ?? 0;
  }

  /** How many of a namespace wait, or of a tenant of it. */
  countOf(namespace: string, tenant?: string): number {
    return this.#countByParty.get(partyKey(namespace, tenant)) ?? 0;
  }

  /** Adds an execution, or moves it where it belongs now. Who comes new to a turn takes it after those who wait. */
  set(item: Waiting): void {
    const before = this.#waiting.get(item.key);
    if (before !== undefined && isSame(before, item)) return;
    this.delete(item.key);
    this.#waiting.set(item.key, item);
    this.#count(item, 1);
    const runtimes = getOrMake(this.#namespaces, item.namespace, () => new Map<string, Tenants>());
    const tenants = getOrMake(runtimes, item.runtime, (): Tenants => new Map());
    const line = getOrMake(tenants, item.tenant, () => new Line(goesBefore));
    line.add(item);
  }

  delete(key: string): boolean {
    const item = this.#waiting.get(key);
    if (item === undefined) return false;
    this.#waiting.delete(key);
    this.#count(item, -1);
    const runtimes = this.#namespaces.get(item.namespace) as Runtimes;
    const tenants = runtimes.get(item.runtime) as Tenants;
    const line = tenants.get(item.tenant) as Line<Waiting>;
    line.delete(item);
    if (line.length === 0) tenants.delete(item.tenant);
    if (tenants.size === 0) runtimes.delete(item.runtime);
    if (runtimes.size === 0) this.#namespaces.delete(item.namespace);
    return true;
  }

  /**
   * Takes out the next execution whose runtime has a place.
   * @param hasPlace told the key of a ScriptRuntime
   */
  take(hasPlace: (runtime: string) => boolean): Waiting | undefined {
    for (const [namespace, runtimes] of this.#namespaces) {
      for (const [runtime, tenants] of runtimes) {
        if (!hasPlace(runtime)) continue;
        const [tenant, line] = tenants.entries().next().value as [string, Line<Waiting>];
        const item = line.first as Waiting;
        this.delete(item.key);
        moveToEnd(tenants, tenant);
        moveToEnd(runtimes, runtime);
        moveToEnd(this.#namespaces, namespace);
        return item;
      }
    }
    return undefined;
  }

  #count({ runtime, namespace, tenant }: Waiting, change: 1 | -1): void {
    add(this.#countByRuntime, runtime, change);
    add(this.#countByParty, partyKey(namespace), change);
    add(this.#countByParty, partyKey(namespace, tenant), change);
  }
}

/** No namespace has a slash in its name. */
const partyKey = (namespace: string, tenant?: string): string =>
  tenant === undefined ? namespace : `${namespace}/${tenant}`;

function moveToEnd<T>(map: Map<string, T>, key: string): void {
  const value = map.get(key);
  if (value === undefined) return;
  map.delete(key);
  map.set(key, value);
}

function goesBefore(a: Waiting, b: Waiting): boolean {
  if (a.priority !== b.priority) return a.priority > b.priority;
  if (a.createdMs !== b.createdMs) return a.createdMs < b.createdMs;
  return a.key < b.key;
}

const isSame = (a: Waiting, b: Waiting): boolean =>
  a.namespace === b.namespace &&
  a.runtime === b.runtime &&
  a.tenant === b.tenant &&
  a.priority === b.priority &&
  a.createdMs === b.createdMs;
