/**
 * Round robin over flows: new flows first, then the least recently served. Deficit round robin with new flows first, as
 * in FQ-CoDel (RFC 8290), with equal cost per item. Flows may be round robins themselves, which makes it hierarchical.
 */
export class RoundRobin<F extends { readonly size: number }> {
  readonly #make: () => F;
  /** Flows that have not been served yet. */
  readonly #fresh = new Map<string, F>();
  /**
   * Served flows, the least recently served first. An empty flow stays until it is reached, so that it does not count
   * as new again.
   */
  readonly #served = new Map<string, F>();

  /** @param make creates an empty flow */
  constructor(make: () => F) {
    this.#make = make;
  }

  /** Number of known flows. */
  get size(): number {
    return this.#fresh.size + this.#served.size;
  }

  /** The flow of this name, created if necessary. */
  flow(name: string): F {
    const known = this.#served.get(name) ?? this.#fresh.get(name);
    if (known !== undefined) return known;
    const made = this.#make();
    this.#fresh.set(name, made);
    return made;
  }

  /** The result of the first flow that returns one. That flow moves to the end. */
  next<T>(take: (flow: F, name: string) => T | undefined): T | undefined {
    for (const flows of [this.#fresh, this.#served]) {
      for (const [name, flow] of flows) {
        const taken = flow.size === 0 ? undefined : take(flow, name);
        if (taken !== undefined || flow.size === 0) flows.delete(name);
        if (taken === undefined) continue;
        this.#served.set(name, flow);
        return taken;
      }
    }
    return undefined;
  }
}
