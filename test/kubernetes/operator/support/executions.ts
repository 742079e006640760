import { expect } from '@jest/globals';
import type { Condition, ScriptExecution } from '../../../../src/api/types.generated.ts';
import { ApiError, type TestClient } from '../../../api-server/client.ts';
import { eventually } from '../../../support/until.ts';

/** A ScriptExecution's spec as its author writes it. */
export type Spec = Readonly<Record<string, unknown>>;

/** A user's view of the ScriptExecutions of a namespace. */
export class Executions {
  readonly #api: TestClient;
  readonly #path: string;
  readonly #clue: () => string;

  /** @param clue additional text for errors of timed-out waits */
  constructor(api: TestClient, namespace: string, clue: () => string) {
    this.#api = api;
    this.#clue = clue;
    this.#path = `/apis/copepod.dev/v1alpha1/namespaces/${namespace}/scriptexecutions`;
  }

  async create(name: string, spec: Spec): Promise<ScriptExecution> {
    return await this.#api.request<ScriptExecution>('POST', this.#path, {
      apiVersion: 'copepod.dev/v1alpha1',
      kind: 'ScriptExecution',
      metadata: { name },
      spec,
    });
  }

  async get(name: string): Promise<ScriptExecution> {
    return await this.#api.request<ScriptExecution>('GET', `${this.#path}/${name}`);
  }

  async find(name: string): Promise<ScriptExecution | undefined> {
    return await this.get(name).catch((error: unknown) => {
      if (error instanceof ApiError && error.code === 404) return undefined;
      throw error;
    });
  }

  async list(): Promise<ScriptExecution[]> {
    return (await this.#api.request<{ items: ScriptExecution[] }>('GET', this.#path)).items;
  }

  /** Patches an object like `kubectl patch --type=merge`. */
  async patch(name: string, change: object): Promise<ScriptExecution> {
    return await this.#api.request('PATCH', `${this.#path}/${name}`, change, 'application/merge-patch+json');
  }

  async delete(name: string): Promise<void> {
    await this.#api.request('DELETE', `${this.#path}/${name}`);
  }

  /** Waits until the condition Succeeded has this reason for the current generation. */
  async reaches(name: string, reason: string, withinMs?: number): Promise<ScriptExecution> {
    return await this.#eventually(async () => {
      const execution = await this.get(name);
      expect({ name, ...summary(execution) }).toMatchObject({ reason, isObserved: true });
      return execution;
    }, withinMs);
  }

  /** Waits until all have finished and the operator has observed their last change; returns them in this order. */
  async ended(names: readonly string[], withinMs?: number): Promise<ScriptExecution[]> {
    return await this.#all(names, ({ status, isObserved }) => isObserved && status !== 'Unknown', withinMs);
  }

  /** Same, while they are being changed. */
  async endedWhileChanging(names: readonly string[], withinMs?: number): Promise<ScriptExecution[]> {
    return await this.#all(names, ({ status = 'Unknown' }) => status !== 'Unknown', withinMs);
  }

  async #all(
    names: readonly string[],
    isDone: (of: ReturnType<typeof summary>) => boolean,
    withinMs?: number,
  ): Promise<ScriptExecution[]> {
    return await this.#eventually(async () => {
      const all = new Map((await this.list()).map((each) => [each.metadata.name, each]));
      const found = names.map((name) => all.get(name));
      const open = names.filter((_, index) => found[index] === undefined || !isDone(summary(found[index])));
      expect(open.map((name) => ({ name, status: all.get(name)?.status }))).toEqual([]);
      return found as ScriptExecution[];
    }, withinMs);
  }

  async #eventually<T>(assert: () => Promise<T>, withinMs?: number): Promise<T> {
    try {
      return await eventually(assert, withinMs);
    } catch (error) {
      (error as Error).message += `\n${this.#clue()}`;
      throw error;
    }
  }
}

/** Status and reason of the condition Succeeded, and whether it is of the current generation. */
export function summary(execution: ScriptExecution): { status?: string; reason?: string; isObserved: boolean } {
  const { status, reason } = conditionOf(execution, 'Succeeded') ?? {};
  const { metadata } = execution;
  const isObserved = execution.status.observedGeneration === metadata.generation;
  return { ...(status && { status }), ...(reason && { reason }), isObserved };
}

export const reasonOf = (execution: ScriptExecution): string | undefined => summary(execution).reason;

export function conditionOf({ status }: ScriptExecution, type: string): Condition | undefined {
  return status.conditions?.find((each) => each.type === type);
}
