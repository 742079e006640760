import type { KubeClient } from '../../src/kube/client.ts';
import type { KubeObject } from '../../src/kube/object.ts';
import { orAborted } from '../../src/kube/or-aborted.ts';
import { Reflector } from '../../src/kube/reflector.ts';
import type { Resource } from '../../src/kube/resource.ts';

/** Milliseconds since the epoch, with fractions: comparable with timestamps of pods and objects on the same machine. */
export const nowMs = (): number => performance.timeOrigin + performance.now();

/** An object as it was when it first matched. */
export interface Sighting<T> {
  readonly object: T;
  /** In milliseconds since the epoch. */
  readonly at: number;
}

interface Expectation<T> {
  readonly matches: (object: T) => boolean;
  readonly resolve: (sighting: Sighting<T>) => void;
}

const WITHIN_MS = 60_000;

/** Watches all objects of a kind in a namespace and reports the first match of a condition. */
export class Sightings<T extends KubeObject> {
  readonly #kind: string;
  readonly #signal: AbortSignal;
  readonly #expectations = new Set<Expectation<T>>();

  private constructor(kind: string, signal: AbortSignal) {
    this.#kind = kind;
    this.#signal = signal;
  }

  /** Resolves once the watch is established; it ends with the signal. */
  static async start<T extends KubeObject>(
    client: KubeClient,
    resource: Resource<T>,
    namespace: string,
    signal: AbortSignal,
  ): Promise<Sightings<T>> {
    const sightings = new Sightings<T>(resource.kind, signal);
    const synced = Promise.withResolvers<void>();
    const reflector = new Reflector<T>(
      { client, resource, transform: (object) => object, namespace },
      { replaced: () => synced.resolve(), changed: (object) => sightings.#seen(object), deleted: () => {} },
    );
    void reflector.run(signal);
    await orAborted(synced.promise, AbortSignal.any([signal, AbortSignal.timeout(WITHIN_MS)]));
    return sightings;
  }

  /**
   * Waits for a later change that makes an object match. @throws Error that names the missing condition after a minute
   */
  async first(what: string, matches: (object: T) => boolean): Promise<Sighting<T>> {
    const { promise, resolve } = Promise.withResolvers<Sighting<T>>();
    const expectation = { matches, resolve };
    this.#expectations.add(expectation);
    try {
      return await orAborted(promise, AbortSignal.any([this.#signal, AbortSignal.timeout(WITHIN_MS)]));
    } catch (error) {
      this.#signal.throwIfAborted();
      throw new Error(`waited ${WITHIN_MS / 1000} s for ${what}, of kind ${this.#kind}`, { cause: error });
    } finally {
      this.#expectations.delete(expectation);
    }
  }

  #seen(object: T): void {
    const at = nowMs();
    for (const expectation of this.#expectations) {
      if (expectation.matches(object)) expectation.resolve({ object, at });
    }
  }
}
