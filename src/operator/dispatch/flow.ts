import { compare, PriorityQueue } from './priority-queue.ts';
import type { Slots } from './slots.ts';
import type { Work, WorkKind } from './work.ts';

/** Work, and the class it is dispatched as. */
export interface Dispatched {
  readonly work: Work;
  readonly kind: WorkKind;
}

/**
 * The pending work of one tenant of one runtime: outcomes first; then claims and other writes in alternation, so that a
 * cancellation does not wait for a backlog of claims; notes only on request. Each class is ordered by priority and age.
 */
export class Flow {
  readonly #queues = {
    outcome: new PriorityQueue(),
    write: new PriorityQueue(),
    note: new PriorityQueue(),
    // Claims, by the pods that fit: a claim that no pod can take now must not block one that a pod can.
    all: new PriorityQueue(),
    some: new PriorityQueue(),
    none: new PriorityQueue(),
  };
  #claimsGoFirst = true;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(work: Work): void {
    this.#size += 1;
    for (const kind of work.kinds) this.#queueOf(work, kind).add(work);
  }

  /** Removes work from the flow. */
  delete(work: Work): void {
    this.#size -= 1;
    for (const kind of work.kinds) this.#queueOf(work, kind).delete(work);
  }

  /** The next work, without removing it; undefined if none is eligible. */
  next(hasSlot: Slots['hasFree']): Dispatched | undefined {
    const { outcome, write, all, some } = this.#queues;
    if (outcome.first !== undefined) return { work: outcome.first, kind: 'outcome' };
    const claims = [all.first, some.first].filter((work) => work !== undefined);
    const [claim] = claims.filter(({ slot }) => slot !== undefined && hasSlot(slot)).toSorted(compare);
    const isClaim = claim !== undefined && (this.#claimsGoFirst || write.first === undefined);
    const work = isClaim ? claim : write.first;
    if (work === undefined) return undefined;
    this.#claimsGoFirst = !isClaim;
    return { work, kind: isClaim ? 'claim' : 'write' };
  }

  nextNote(): Dispatched | undefined {
    const note = this.#queues.note.first;
    return note && { work: note, kind: 'note' };
  }

  #queueOf({ slot }: Work, kind: WorkKind): PriorityQueue {
    return this.#queues[kind === 'claim' ? (slot?.fits ?? 'none') : kind];
  }
}
