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

/** The tenants of a namespace that wait, the one served longest ago first; each with its executions in order. */
type Tenants = Map<string, Waiting[]>;

/**
 * Who is next: namespaces take turns, within each its tenants take turns, and a tenant's executions go by priority and
 * then by age. So ten thousand executions of one tenant hold up nobody else's one.
 */
export class FairQueue {
  readonly #waiting = new Map<string, Waiting>();
  /** The namespace served longest ago first. */
  readonly #namespaces = new Map<string, Tenants>();

  get size(): number {
    return this.#waiting.size;
  }

  has(key: string): boolean {
    return this.#waiting.has(key);
  }

  /** Adds an execution, or moves it where it belongs now. Who comes new to a turn takes it after those who wait. */
  set(item: Waiting): void {
    this.delete(item.key);
    this.#waiting.set(item.key, item);
    const tenants = this.#namespaces.get(item.namespace) ?? new Map<string, Waiting[]>();
    this.#namespaces.set(item.namespace, tenants);
    const line = tenants.get(item.tenant) ?? [];
    tenants.set(item.tenant, line);
    line.splice(placeIn(line, item), 0, item);
  }

  delete(key: string): boolean {
    const item = this.#waiting.get(key);
    if (item === undefined) return false;
    this.#waiting.delete(key);
    const tenants = this.#namespaces.get(item.namespace) as Tenants;
    const line = tenants.get(item.tenant) as Waiting[];
    line.splice(placeIn(line, item), 1);
    if (line.length === 0) tenants.delete(item.tenant);
    if (tenants.size === 0) this.#namespaces.delete(item.namespace);
    return true;
  }

  /**
   * Takes out the next execution whose runtime has a place.
   * @param hasPlace told the key of a ScriptRuntime
   */
  take(hasPlace: (runtime: string) => boolean): Waiting | undefined {
    for (const [namespace, tenants] of this.#namespaces) {
      for (const [tenant, line] of tenants) {
        const item = line.find(({ runtime }) => hasPlace(runtime));
        if (item === undefined) continue;
        this.delete(item.key);
        moveToEnd(tenants, tenant);
        moveToEnd(this.#namespaces, namespace);
        return item;
      }
    }
    return undefined;
  }
}

function moveToEnd<T>(map: Map<string, T>, key: string): void {
  const value = map.get(key);
  if (value === undefined) return;
  map.delete(key);
  map.set(key, value);
}

/** Where an item stands, or would stand, in a line: found by halving. */
function placeIn(line: readonly Waiting[], item: Waiting): number {
  let from = 0;
  let to = line.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (goesBefore(line[middle] as Waiting, item)) from = middle + 1;
    else to = middle;
  }
  return from;
}

function goesBefore(a: Waiting, b: Waiting): boolean {
  if (a.priority !== b.priority) return a.priority > b.priority;
  if (a.createdMs !== b.createdMs) return a.createdMs < b.createdMs;
  return a.key < b.key;
}
