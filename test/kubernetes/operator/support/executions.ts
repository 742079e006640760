import { expect } from '@jest/globals';
import type { Condition, ScriptExecution } from '../../../../src/api/types.generated.ts';
import { ApiError, type TestClient } from '../../../api-server/client.ts';
import { eventually } from './eventually.ts';

/** A ScriptExecution's spec as an author writes it. */
export type Spec = Readonly<Record<string, unknown>>;

/** The ScriptExecutions of a namespace, as their authors handle them. */
export class Executions {
  readonly #api: TestClient;
  readonly #path: string;
  readonly #clue: () => string;

  /** @param clue said where a wait ends in vain */
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

  /** Changes some fields of an object, as `kubectl patch --type=merge` does. */
  async patch(name: string, change: object): Promise<ScriptExecution> {
    return await this.#api.request('PATCH', `${this.#path}/${name}`, change, 'application/merge-patch+json');
  }

  async delete(name: string): Promise<void> {
    await this.#api.request('DELETE', `${this.#path}/${name}`);
  }

  /** Waits until an execution's condition Succeeded has this reason, for the present generation. */
  async reaches(name: string, reason: string, withinMs?: number): Promise<ScriptExecution> {
    return await this.#eventually(async () => {
      const execution = await this.get(name);
      expect({ name, ...summary(execution) }).toMatchObject({ reason, isObserved: true });
      return execution;
    }, withinMs);
  }

  /** Waits until all of these have ended, and the operator has seen their last change; gives them in this order. */
  async ended(names: readonly string[], withinMs?: number): Promise<ScriptExecution[]> {
    return await this.#all(names, ({ status, isObserved }) => isObserved && status !== 'Unknown', withinMs);
  }

  /** The same while somebody goes on to change them. */
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

/** What the condition Succeeded says, and whether it is of the present generation. */
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
