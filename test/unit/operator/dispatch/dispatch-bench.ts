import type { LimitValues } from '../../../../src/api/limits.ts';
import type { ServingPod } from '../../../../src/cluster/pods/serving-pod.ts';
import { fitOf } from '../../../../src/cluster/pods/suitable-pod.ts';
import type { Concurrency } from '../../../../src/operator/dispatch/adaptive-concurrency.ts';
import type { Dispatcher } from '../../../../src/operator/dispatch/dispatcher.ts';
import type { Slot, Slots } from '../../../../src/operator/dispatch/slots.ts';
import type { Work, WorkKind } from '../../../../src/operator/dispatch/work.ts';
import { LIMITS } from '../../../support/limits.ts';

/** The classes under test: those of src, or mutants. */
export interface DispatchModules {
  readonly Dispatcher: typeof Dispatcher;
  readonly Slots: typeof Slots;
}

export function pod(name: string, capacity: number, more: Partial<ServingPod> = {}): ServingPod {
  const runtime = 'a/rt';
  return { runtime, name, uid: `uid-${name}`, address: '', bootID: 'boot-1', capacity, limits: LIMITS, ...more };
}

/** A write in progress, until the test finishes it. */
interface UnderWay {
  readonly key: string;
  readonly kind: WorkKind;
  readonly end: (error?: Error) => void;
}

/** A dispatcher and its slots, with writes that the test finishes. */
export class DispatchBench {
  readonly slots: Slots;
  readonly dispatcher: Dispatcher;
  readonly pods: ServingPod[] = [];
  /** `kind key` of every dispatch, in order. */
  readonly dispatched: string[] = [];
  /** The requested requeue delays after writes. */
  readonly requeued: { readonly key: string; readonly delayMs: number }[] = [];
  readonly errors: string[] = [];
  readonly #underWay: UnderWay[] = [];
  readonly #slots = new Map<string, Slot>();
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;

  constructor({ Dispatcher, Slots }: DispatchModules, concurrency: Partial<Concurrency> = {}) {
    this.slots = new Slots((runtime) => this.#serving(runtime));
    this.dispatcher = new Dispatcher({
      concurrency: { limit: 1, reserved: 0, most: 8, ...concurrency },
      slots: this.slots,
      queue: { addAfter: (key, delayMs) => this.requeued.push({ key, delayMs }) },
      backoff: { baseMs: 10, maxMs: 1000 },
      onError: (_, key) => this.errors.push(key),
    });
    this.#running = this.dispatcher.run((key, kind) => this.#write(key, kind), this.#stop.signal);
  }

  /** Adds work: `namespace/name`. */
  set(key: string, kinds: WorkKind | readonly WorkKind[], more: Partial<Work> = {}): void {
    const [namespace = ''] = key.split('/');
    const [runtime, tenant] = [`${namespace}/rt`, ''];
    const work = { key, namespace, runtime, tenant, priority: 0, createdMs: 0, kinds: [kinds].flat(), ...more };
    const limits = more.slot?.limits ?? LIMITS;
    const slot = { runtime: work.runtime, limits, fits: fitOf(this.#serving(work.runtime), { limits }) };
    this.dispatcher.set(work.kinds.includes('claim') ? { ...work, slot } : work);
  }

  get underWay(): readonly string[] {
    return this.#underWay.map(({ key }) => key);
  }

  /** Finishes the oldest write, or that of a key. */
  async end(key = this.#underWay[0]?.key, error?: Error): Promise<void> {
    const index = this.#underWay.findIndex((each) => each.key === key);
    if (index < 0) throw new Error(`no write of ${key} is under way`);
    this.#underWay.splice(index, 1)[0]?.end(error);
    await flush();
  }

  /** Finishes writes until there are none; returns all dispatches in order. */
  async endAll(): Promise<readonly string[]> {
    await flush();
    for (let left = 1000; left > 0 && this.#underWay.length > 0; left -= 1) await this.end();
    return this.dispatched;
  }

  /** Finishes the run of an execution. */
  async finish(key: string): Promise<void> {
    this.#slots.get(key)?.[Symbol.dispose]();
    this.#slots.delete(key);
    await flush();
  }

  podNameOf(key: string): string | undefined {
    return this.#slots.get(key)?.podName;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    for (const { end } of this.#underWay.splice(0)) end();
    await this.#running;
  }

  #serving(runtime: string): readonly ServingPod[] {
    return this.pods.filter((each) => each.runtime === runtime);
  }

  /** Reserves the slot of a claim synchronously, as `Claims` does. */
  async #write(key: string, kind: WorkKind): Promise<undefined> {
    this.dispatched.push(`${kind} ${key}`);
    if (kind === 'claim') {
      const runtime = `${key.split('/')[0]}/rt`;
      const slot = this.slots.reserve({ runtime, limits: this.#limits.get(key) ?? LIMITS, fits: 'all' });
      if (slot === undefined) throw new Error(`${key} was dispatched without a free slot`);
      this.#slots.set(key, slot);
    }
    await new Promise<void>((resolve, reject) => {
      this.#underWay.push({ key, kind, end: (error) => (error ? reject(error) : resolve()) });
    });
  }

  /** Promised limits of executions, if not the default. */
  readonly #limits = new Map<string, LimitValues>();

  promise(key: string, limits: LimitValues): Partial<Work> {
    this.#limits.set(key, limits);
    return { slot: { runtime: '', limits, fits: 'all' } };
  }
}

/** Runs pending microtasks. */
export const flush = async (): Promise<void> => {
  for (let turns = 0; turns < 10; turns += 1) await Promise.resolve();
};
