/**
 * Flows that take turns: one that is new goes first, then the one served longest ago. Deficit round robin with new flows first, as
 * in FQ-CoDel (RFC 8290), where every item costs the same. Flows may themselves be round robins: then it is hierarchical.
 */
export class RoundRobin<F extends { readonly size: number }> {
  readonly #make: () => F;
  /** Flows that have not been served yet. */
  readonly #fresh = new Map<string, F>();
  /** Those that have, the one served longest ago first. One without items keeps its place until it is reached: it is not new again. */
  readonly #served = new Map<string, F>();

  /** @param make makes a flow without items */
  constructor(make: () => F) {
    this.#make = make;
  }

  /** Flows that are known. */
  get size(): number {
    return this.#fresh.size + this.#served.size;
  }

  /** The flow of that name, made where there is none. */
  flow(name: string): F {
    const known = this.#served.get(name) ?? this.#fresh.get(name);
    if (known !== undefined) return known;
    const made = this.#make();
    this.#fresh.set(name, made);
    return made;
  }

  /** What the first flow gives that gives anything. That flow goes to the end. */
  next<T>(take: (flow: F, name: string) => T | undefined): T | undefined {
    for (const flows of [this.#fresh, this.#served]) {
      for (const [name, flow] of flows) {
        const taken = flow.size === 0 ? undefined : take(flow, name);
        if (taken === undefined && flow.size > 0) continue;
        flows.delete(name);
        if (taken === undefined) continue;
        this.#served.set(name, flow);
        return taken;
      }
    }
    return undefined;
  }
}
