import { isDeepStrictEqual } from 'node:util';
import type { PodStats } from '../../api/pod-protocol.ts';
import type { Informer } from '../../kube/informer.ts';
import { keyOf } from '../../kube/object.ts';
import { pause } from '../../kube/pause.ts';
import type { Pod } from '../../kube/resources.ts';
import { untilAborted } from '../../kube/until-aborted.ts';
import type { KnownPod } from './known-pod.ts';
import type { PodClient } from './pod-client.ts';
import { type Entry, intervalMs, leaveOut, newEntry, stateOf } from './pod-entry.ts';
import { PodRefusal, PodUnreadable } from './pod-errors.ts';
import { POD_STATES, type PodState } from './pod-state.ts';
import type { ServingPod } from './serving-pod.ts';

export interface PodDirectoryOptions {
  readonly pods: Pick<Informer<Pod, KnownPod>, 'handle'>;
  readonly client: Pick<PodClient, 'stats'>;
}

/** What a directory tells, and asks. */
export interface PodHandler {
  /** Whether the NetworkPolicy of a runtime's pods is in place: without it none of them is offered. */
  readonly hasNetworkPolicy: (runtime: string) => boolean;
  /** The pods that take runs of a ScriptRuntime have changed. */
  readonly onServing: (runtime: string) => void;
  /** A pod has told what it has done. */
  readonly onStats: (pod: KnownPod, stats: PodStats) => void;
  /** A pod is gone: deleted, or ended for good. */
  readonly onGone: (pod: KnownPod) => void;
}

/** Which pods of which runtime take runs: it asks them itself, and hears of those that come and go. */
export class PodDirectory {
  readonly #options: PodDirectoryOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #servingByRuntime = new Map<string, Map<string, ServingPod>>();
  readonly #loops = new Set<Promise<void>>();
  #handler: PodHandler | undefined;
  #stopped = true;

  constructor(options: PodDirectoryOptions) {
    this.#options = options;
  }

  /** Follows the pods until the signal; resolves when nothing of it is left. */
  async run(handler: PodHandler, signal: AbortSignal): Promise<void> {
    this.#handler = handler;
    this.#stopped = false;
    const unsubscribe = this.#options.pods.handle({
      added: (pod) => this.#seen(pod),
      updated: (pod) => this.#seen(pod),
      deleted: (pod) => this.#gone(pod),
    });
    await untilAborted(signal);
    this.#stopped = true;
    unsubscribe();
    for (const { stop } of this.#entries.values()) stop.abort();
    await Promise.all(this.#loops);
  }

  /** The pods that take runs of a ScriptRuntime. */
  serving(runtime: string): Iterable<ServingPod> {
    return this.#servingByRuntime.get(runtime)?.values() ?? [];
  }

  servingCount(runtime: string): number {
    return this.#servingByRuntime.get(runtime)?.size ?? 0;
  }

  /** How many pods there are of each state. */
  countByState(): Readonly<Record<PodState, number>> {
    const counts = Object.fromEntries(POD_STATES.map((state) => [state, 0])) as Record<PodState, number>;
    for (const entry of this.#entries.values()) counts[stateOf(entry)] += 1;
    return counts;
  }

  /** A pod that is there and has not ended, whatever it does. */
  find(podUID: string): KnownPod | undefined {
    return this.#entries.get(podUID)?.pod;
  }

  /** Whether a pod says that it takes runs, be it withheld or not. */
  isServing(podUID: string): boolean {
    return this.#entries.get(podUID)?.serving !== undefined;
  }

  /** Keeps a pod from getting anything new, or no longer. */
  withhold(podUID: string, isWithheld: boolean): void {
    const entry = this.#entries.get(podUID);
    if (entry === undefined) return;
    entry.isWithheld = isWithheld;
    this.#offer(entry);
  }

  /** The NetworkPolicy of a runtime's pods is there from now on, or no longer. */
  networkPolicyChanged(runtime: string): void {
    for (const entry of this.#entries.values()) if (entry.pod.runtime === runtime) this.#offer(entry);
  }

  /** A pod has refused something, or could not be reached: it gets nothing new until it has said how it is. */
  suspect(podUID: string): void {
    const entry = this.#entries.get(podUID);
    if (entry === undefined) return;
    if (entry.serving !== undefined) leaveOut(entry, performance.now());
    this.#setServing(entry, undefined);
    entry.wake.abort();
  }

  #seen(pod: KnownPod): void {
    const uid = pod.metadata.uid ?? keyOf(pod);
    const entry = this.#entries.get(uid);
    if (pod.isTerminal || pod.runtime === undefined) {
      if (entry) this.#remove(uid, entry, pod);
      return;
    }
    if (entry === undefined) {
      this.#add(uid, pod);
      return;
    }
    const isAnother = entry.pod.life !== pod.life || entry.pod.address !== pod.address;
    const isEnding = pod.metadata.deletionTimestamp !== entry.pod.metadata.deletionTimestamp;
    entry.pod = pod;
    if (!isAnother && !isEnding) return;
    this.#setServing(entry, undefined);
    entry.notServingSince = undefined;
    entry.failure = undefined;
    if (isAnother) [entry.hasAnswered, entry.unreadable] = [false, 0];
    entry.suspicions = 0;
    entry.leftOutUntil = 0;
    entry.wake.abort();
  }

  #gone(pod: KnownPod): void {
    const uid = pod.metadata.uid ?? keyOf(pod);
    const entry = this.#entries.get(uid);
    if (entry) this.#remove(uid, entry, pod);
  }

  #add(uid: string, pod: KnownPod): void {
    if (this.#stopped) return;
    const entry = newEntry(pod);
    this.#entries.set(uid, entry);
    const loop = this.#follow(entry).finally(() => this.#loops.delete(loop));
    this.#loops.add(loop);
  }

  #remove(uid: string, entry: Entry, pod: KnownPod): void {
    this.#entries.delete(uid);
    entry.stop.abort();
    entry.wake.abort();
    this.#setServing(entry, undefined);
    this.#handler?.onGone({ ...pod, runtime: entry.pod.runtime });
  }

  /** Asks one pod how it is, for as long as it is there. */
  async #follow(entry: Entry): Promise<void> {
    while (!entry.stop.signal.aborted) {
      entry.wake = new AbortController();
      await this.#ask(entry);
      await pause(intervalMs(entry), AbortSignal.any([entry.wake.signal, entry.stop.signal]));
    }
  }

  async #ask(entry: Entry): Promise<void> {
    const { pod } = entry;
    const { uid = '', name } = pod.metadata;
    if (pod.address === undefined || pod.runtime === undefined) {
      entry.notServingSince ??= performance.now();
      return;
    }
    try {
      const stats = await this.#options.client.stats({ podUID: uid, address: pod.address }, entry.stop.signal);
      if (entry.stop.signal.aborted) return; // it is gone, and would be back for ever
      if (entry.pod !== pod && entry.pod.life !== pod.life) return; // it has begun anew meanwhile: asked again at once
      entry.failure = undefined;
      entry.unreadable = 0;
      entry.hasAnswered = true;
      entry.isDraining = stats.draining;
      this.#handler?.onStats(pod, stats);
      const isLeftOut = performance.now() < entry.leftOutUntil;
      const isEnding = stats.draining || entry.pod.metadata.deletionTimestamp !== undefined;
      const takesRuns = stats.ready && !isEnding && !isLeftOut;
      entry.notServingSince = takesRuns ? undefined : (entry.notServingSince ?? performance.now());
      const { bootID, capacity, limits, values } = stats;
      const serving = {
        runtime: pod.runtime,
        name,
        uid,
        address: pod.address,
        bootID,
        capacity,
        limits,
        ...(values && { values }),
      };
      this.#setServing(entry, takesRuns ? serving : undefined);
    } catch (error) {
      if (entry.stop.signal.aborted) return;
      entry.failure = error instanceof PodRefusal ? 'refusing' : 'unreachable';
      entry.unreadable = error instanceof PodUnreadable ? entry.unreadable + 1 : 0;
      entry.notServingSince ??= performance.now();
      this.#setServing(entry, undefined);
    }
  }

  #setServing(entry: Entry, serving: ServingPod | undefined): void {
    entry.serving = serving;
    this.#offer(entry);
  }

  #offer(entry: Entry): void {
    const { offered: before } = entry;
    const { isWithheld, serving } = entry;
    const isUsable = !isWithheld && serving !== undefined && this.#handler?.hasNetworkPolicy(serving.runtime);
    const offered = isUsable ? serving : undefined;
    const isSame = before?.bootID === offered?.bootID && before?.capacity === offered?.capacity;
    if (isSame && isDeepStrictEqual(before?.values, offered?.values)) return; // its limits are its boot's
    entry.offered = offered;
    const { runtime, uid } = (offered ?? before) as ServingPod;
    const pods = this.#servingByRuntime.get(runtime) ?? new Map<string, ServingPod>();
    if (offered === undefined) pods.delete(uid);
    else pods.set(uid, offered);
    if (pods.size === 0) this.#servingByRuntime.delete(runtime);
    else this.#servingByRuntime.set(runtime, pods);
    this.#handler?.onServing(runtime);
  }
}
