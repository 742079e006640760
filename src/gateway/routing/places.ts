import type { LimitValues } from '../../api/limits.ts';
import { Counts } from '../../cluster/counts.ts';
import { type NeededValues, valuesProblem } from '../../cluster/pods/pod-values.ts';
import type { ServingPod } from '../../cluster/pods/serving-pod.ts';
import { isSuitable } from '../../cluster/pods/suitable-pod.ts';
import { Refusal } from '../refusal.ts';
import { type Candidate, choosePod } from './choose-pod.ts';

/** A run that is to be placed on a pod. */
export interface PlaceRequest {
  /** Key of its ScriptRuntime. */
  readonly runtime: string;
  readonly tenantKey: string;
  /** What it is promised: pods with lower limits do not get it. */
  readonly limits: LimitValues;
  /** What it needs of the pod's Secrets and ConfigMaps: pods that lack one of them do not get it. */
  readonly values: NeededValues | undefined;
  /** Uids of pods that do not suit it, whatever they say. */
  readonly unsuitable: ReadonlySet<string>;
  /** Maximum time to wait, in milliseconds. */
  readonly waitMs: number;
  readonly signal: AbortSignal;
}

/** A place on a pod. It is given back when it is disposed. */
export interface Place extends Disposable {
  readonly pod: ServingPod;
}

export interface PlacesParts {
  readonly serving: (runtime: string) => Iterable<ServingPod>;
  /** A request waits for pods of a runtime that was idle before, in this gateway. */
  readonly onWaiting?: (runtime: string) => void;
}

/** Runs of a gateway on a pod for each of its VMs: one runs, and the next is there when it ends. */
const PLACES_PER_VM = 2;
/** Requests that wait for a runtime without pods. */
export const MAX_WAITING_FROM_ZERO = 1000;
/** Requests that wait for a runtime with pods: for each VM, and at least. */
const MAX_WAITING_PER_VM = 16;
const MIN_MAX_WAITING = 100;
/** A pod that has no room for others' runs is not asked for this long. */
const BUSY_MS = 20;

interface Waiter extends PlaceRequest {
  readonly resolve: (place: Place) => void;
}

interface RuntimePlaces {
  /** By the uid of the pod. */
  readonly inFlight: Counts;
  readonly busyUntil: Map<string, number>;
  readonly waiting: Set<Waiter>;
  retry: NodeJS.Timeout | undefined;
}

/** Places on the pods of all runtimes, and those who wait for one: first come, first served. */
export class Places {
  readonly #parts: PlacesParts;
  readonly #runtimes = new Map<string, RuntimePlaces>();

  constructor(parts: PlacesParts) {
    this.#parts = parts;
  }

  /**
   * Reserves a place on a pod, and waits for one if all are taken.
   * @throws Refusal TooManyRequests or ServiceUnavailable; the signal's reason
   */
  async reserve(request: PlaceRequest): Promise<Place> {
    const { runtime, signal } = request;
    signal.throwIfAborted();
    const places = this.#of(runtime);
    const place = places.waiting.size === 0 ? this.#take(places, request) : undefined;
    if (place !== undefined) return place;
    if (places.waiting.size >= this.#maxWaiting(runtime)) {
      this.#forgetIfIdle(runtime, places);
      throw this.#refusal(request, 'and the queue is full');
    }
    const waiting = this.#wait(places, request);
    // Those who came before may wait for another pod than this request needs.
    if (places.waiting.size > 1) this.podsChanged(runtime);
    return await waiting;
  }

  /** A pod has no room: others are asked for a moment. */
  busy(runtime: string, podUID: string): void {
    const places = this.#of(runtime);
    places.busyUntil.set(podUID, performance.now() + BUSY_MS);
    this.#retryWhenFree(places, runtime);
  }

  /** Asks again for those who wait as soon as the first busy pod may have room, until no pod is busy. */
  #retryWhenFree(places: RuntimePlaces, runtime: string): void {
    if (places.retry !== undefined) return;
    const now = performance.now();
    for (const [uid, until] of places.busyUntil) if (until <= now) places.busyUntil.delete(uid);
    if (places.busyUntil.size === 0) return;
    const first = Math.min(...places.busyUntil.values());
    places.retry = setTimeout(
      () => {
        places.retry = undefined;
        this.#retryWhenFree(places, runtime);
        this.podsChanged(runtime);
      },
      Math.ceil(first - now) + 1,
    );
  }

  /** The pods that take runs of a runtime have changed, or their room has. */
  podsChanged(runtime: string): void {
    const places = this.#runtimes.get(runtime);
    if (places === undefined) return;
    for (const waiter of places.waiting) {
      const place = this.#take(places, waiter);
      if (place === undefined) {
        if (waiter.unsuitable.size === 0 && this.#isFull(places, runtime)) break;
        continue;
      }
      places.waiting.delete(waiter);
      waiter.resolve(place);
    }
    this.#forgetIfIdle(runtime, places);
  }

  /** Runtimes with requests on pods or waiting. */
  *demand(): Generator<{ readonly runtime: string; readonly inFlight: number; readonly waiting: number }> {
    for (const [runtime, { inFlight, waiting }] of this.#runtimes) {
      const [running, queued] = [inFlight.total, waiting.size];
      if (running + queued > 0) yield { runtime, inFlight: running, waiting: queued };
    }
  }

  #of(runtime: string): RuntimePlaces {
    let places = this.#runtimes.get(runtime);
    if (places === undefined) {
      places = { inFlight: new Counts(), busyUntil: new Map(), waiting: new Set(), retry: undefined };
      this.#runtimes.set(runtime, places);
    }
    return places;
  }

  #wait(places: RuntimePlaces, request: PlaceRequest): Promise<Place> {
    const { runtime, signal, waitMs } = request;
    return new Promise((resolve, reject) => {
      const leave = (error: unknown): void => {
        clearTimeout(late);
        signal.removeEventListener('abort', abort);
        if (!places.waiting.delete(waiter)) return;
        this.#forgetIfIdle(runtime, places);
        reject(error);
      };
      const abort = (): void => leave(signal.reason);
      const late = setTimeout(() => leave(this.#refusal(request, `for ${waitMs / 1000} s`)), waitMs);
      const waiter: Waiter = {
        ...request,
        resolve: (place) => {
          clearTimeout(late);
          signal.removeEventListener('abort', abort);
          resolve(place);
        },
      };
      signal.addEventListener('abort', abort, { once: true });
      places.waiting.add(waiter);
      if (places.waiting.size === 1) this.#parts.onWaiting?.(runtime);
    });
  }

  #candidates(places: RuntimePlaces, request: PlaceRequest): (Candidate & { pod: ServingPod })[] {
    const { runtime, unsuitable } = request;
    const now = performance.now();
    const found: (Candidate & { pod: ServingPod })[] = [];
    for (const pod of this.#parts.serving(runtime)) {
      const { uid, capacity } = pod;
      const inFlight = places.inFlight.of(uid);
      if (inFlight >= PLACES_PER_VM * capacity || (places.busyUntil.get(uid) ?? 0) > now) continue;
      if (unsuitable.has(uid) || !isSuitable(pod, request)) continue;
      found.push({ uid, capacity, inFlight, pod });
    }
    return found;
  }

  /** No pod has room for anything. */
  #isFull(places: RuntimePlaces, runtime: string): boolean {
    const now = performance.now();
    for (const { uid, capacity } of this.#parts.serving(runtime)) {
      if (places.inFlight.of(uid) < PLACES_PER_VM * capacity && (places.busyUntil.get(uid) ?? 0) <= now) return false;
    }
    return true;
  }

  #take(places: RuntimePlaces, request: PlaceRequest): Place | undefined {
    const pod = choosePod(this.#candidates(places, request), request.tenantKey)?.pod;
    if (pod === undefined) return undefined;
    const { uid } = pod;
    places.inFlight.add(uid, 1);
    return new TakenPlace(pod, () => {
      places.inFlight.add(uid, -1);
      this.podsChanged(request.runtime);
    });
  }

  #maxWaiting(runtime: string): number {
    let vms = 0;
    for (const { capacity } of this.#parts.serving(runtime)) vms += capacity;
    return vms === 0 ? MAX_WAITING_FROM_ZERO : Math.max(MIN_MAX_WAITING, MAX_WAITING_PER_VM * vms);
  }

  #refusal({ runtime, values }: PlaceRequest, how: string): Refusal {
    const [, name] = runtime.split('/');
    const pods = [...this.#parts.serving(runtime)];
    if (pods.length === 0) {
      const message = `ScriptRuntime "${name}" has no ready pod ${how}; its conditions say why; nothing was started`;
      return new Refusal('ServiceUnavailable', message, { retryAfterSeconds: 5 });
    }
    const problem = valuesProblem(pods, values);
    if (problem !== undefined) {
      const message = `no pod of ScriptRuntime "${name}" has the values that the script needs, ${how}; nothing was started. ${problem}`;
      return new Refusal('ServiceUnavailable', message, { retryAfterSeconds: 5 });
    }
    const message = `all pods of ScriptRuntime "${name}" are busy ${how}; nothing was started`;
    return new Refusal('TooManyRequests', message, { retryAfterSeconds: 1 });
  }

  #forgetIfIdle(runtime: string, { inFlight, waiting, retry }: RuntimePlaces): void {
    if (inFlight.total === 0 && waiting.size === 0 && retry === undefined) this.#runtimes.delete(runtime);
  }
}

/** A class: to make objects with computed keys takes V8 several times as long. */
class TakenPlace implements Place {
  readonly pod: ServingPod;
  #release: (() => void) | undefined;

  constructor(pod: ServingPod, release: () => void) {
    this.pod = pod;
    this.#release = release;
  }

  [Symbol.dispose](): void {
    const release = this.#release;
    this.#release = undefined;
    release?.();
  }
}
