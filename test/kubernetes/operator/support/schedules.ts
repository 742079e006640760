import type { ScriptExecution, ScriptSchedule } from '../../../../src/api/types.generated.ts';
import type { TestClient } from '../../../api-server/client.ts';
import { eventually } from '../../../support/until.ts';
import type { ApiProxy } from './api-proxy.ts';
import type { Spec } from './executions.ts';

/** What an Event says, and how often. */
export interface ToldEvent {
  readonly type: string;
  readonly reason: string;
  readonly note: string;
}

/** A user's view of the ScriptSchedules of a namespace. */
export class Schedules {
  readonly #api: TestClient;
  readonly #namespace: string;
  readonly #path: string;

  constructor(api: TestClient, namespace: string) {
    this.#api = api;
    this.#namespace = namespace;
    this.#path = `/apis/copepod.dev/v1alpha1/namespaces/${namespace}/scriptschedules`;
  }

  /** @param execution the spec of its template */
  async create(name: string, execution: Spec, spec: Spec = {}): Promise<ScriptSchedule> {
    return await this.#api.request<ScriptSchedule>('POST', this.#path, {
      apiVersion: 'copepod.dev/v1alpha1',
      kind: 'ScriptSchedule',
      metadata: { name },
      spec: { schedule: '* * * * *', executionTemplate: { spec: execution }, ...spec },
    });
  }

  async get(name: string): Promise<ScriptSchedule> {
    return await this.#api.request<ScriptSchedule>('GET', `${this.#path}/${name}`);
  }

  async list(): Promise<ScriptSchedule[]> {
    return (await this.#api.request<{ items: ScriptSchedule[] }>('GET', this.#path)).items;
  }

  /** Patches an object like `kubectl patch --type=merge`. */
  async patch(name: string, change: object): Promise<ScriptSchedule> {
    return await this.#api.request('PATCH', `${this.#path}/${name}`, change, 'application/merge-patch+json');
  }

  async delete(name: string): Promise<void> {
    await this.#api.request('DELETE', `${this.#path}/${name}`);
  }

  /** The executions that it started, by their names. */
  async executions(name: string): Promise<ScriptExecution[]> {
    const path = `/apis/copepod.dev/v1alpha1/namespaces/${this.#namespace}/scriptexecutions`;
    const query = `labelSelector=${encodeURIComponent(`copepod.dev/schedule=${name}`)}`;
    return (await this.#api.request<{ items: ScriptExecution[] }>('GET', `${path}?${query}`)).items;
  }

  /** The Events of a schedule. */
  async events(name: string): Promise<ToldEvent[]> {
    const path = `/apis/events.k8s.io/v1/namespaces/${this.#namespace}/events`;
    const { items } = await this.#api.request<{ items: (ToldEvent & { regarding: { name: string } })[] }>('GET', path);
    return items
      .filter(({ regarding }) => regarding.name === name)
      .map(({ type, reason, note }) => ({ type, reason, note }));
  }

  /** Retries assertions until they pass; makes the operator look at the schedule each time, since its timers do not know that a clock was set. */
  async eventually<T>(
    name: string,
    assert: (schedule: ScriptSchedule) => T | Promise<T>,
    withinMs?: number,
  ): Promise<T> {
    let count = 0;
    return await eventually(async () => {
      count += 1;
      if (count % 5 === 1) await this.patch(name, { metadata: { annotations: { look: String(performance.now()) } } });
      return await assert(await this.get(name));
    }, withinMs);
  }
}

/** A schedule for these minutes of this hour alone, whatever the time at which the object is made. */
export function during(minute: number, count: number, zoneHours = 0): string {
  const first = new Date(minute + zoneHours * 3_600_000);
  const from = first.getUTCMinutes();
  return `${from}-${from + count - 1} ${first.getUTCHours()} ${first.getUTCDate()} ${first.getUTCMonth() + 1} *`;
}

/** The clock of the API server, as the operators behind a proxy see it. */
export class ServerTime {
  readonly #proxy: ApiProxy;

  constructor(proxy: ApiProxy) {
    this.#proxy = proxy;
  }

  now(): number {
    return Date.now() + this.#proxy.clockAheadMs;
  }

  /** Sets it to so long before a full minute, at least ten of which are left of the hour. Gives that minute, in milliseconds since the epoch. */
  setBeforeMinute(seconds: number): number {
    let minute = Math.ceil((this.now() + seconds * 1000) / 60_000) * 60_000;
    while (new Date(minute).getUTCMinutes() > 50) minute += 60_000;
    this.#proxy.clockAheadMs += minute - seconds * 1000 - this.now();
    return minute;
  }

  advance(minutes: number): void {
    this.#proxy.clockAheadMs += minutes * 60_000;
  }
}
