import { afterAll, beforeAll } from '@jest/globals';
import type { ScriptExecution, ScriptRuntime } from '../../../src/api/types.generated.ts';
import { type Patience, until } from '../../support/until.ts';
import { clusterNow } from './cluster-now.ts';
import { kubectl, kubectlJson, type Ran, tryKubectl } from './kubectl.ts';
import {
  conditionOf,
  type ExecutionSpec,
  execution,
  type Found,
  hasEnded,
  type Manifest,
  type RuntimeSpec,
  reasonOf,
  runtime,
} from './objects.ts';

export interface ApplyOptions {
  /** Additional arguments for kubectl, for example `--server-side`. */
  readonly args?: readonly string[];
}

/** A namespace for a test file, with Pod Security `restricted`: created before its tests, deleted after them. */
export function useNamespace(purpose: string): Namespace {
  const namespace = new Namespace(`e2e-${purpose}-${Math.random().toString(36).slice(2, 7)}`);
  beforeAll(() => namespace.make());
  afterAll(() => namespace.remove());
  return namespace;
}

/** Waits take milliseconds or seconds; the limit is for a busy machine or a restarting operator. */
const WITHIN_MS = 60_000;
const EVERY_MS = 200;
type Wait = Pick<Patience, 'withinMs'>;

/** A user's actions in a namespace, with kubectl. */
export class Namespace {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  /**
   * Waits for the end of an earlier test's namespace of this name.
   * @throws Error if there is one that is not being deleted, as on a developer's own cluster: a test may not change its objects
   */
  async assertAbsent(): Promise<void> {
    const get = ['get', 'namespace', this.name, '--ignore-not-found', '--output', 'jsonpath={.status.phase}'];
    const isAbsent = async (): Promise<boolean> => {
      const phase = await kubectl(get);
      if (phase === 'Active') throw new Error(`namespace ${this.name} exists: delete it, or test on another cluster`);
      return phase === '';
    };
    await until(`namespace ${this.name} to be deleted`, isAbsent, { withinMs: WITHIN_MS, everyMs: EVERY_MS });
  }

  async make(): Promise<void> {
    await kubectl(['create', 'namespace', this.name]);
    await kubectl(['label', 'namespace', this.name, 'pod-security.kubernetes.io/enforce=restricted']);
  }

  async remove(): Promise<void> {
    await kubectl(['delete', 'namespace', this.name, '--wait=false']);
  }

  /** Runs kubectl in this namespace. */
  kubectl(...args: string[]): Promise<string> {
    return kubectl(['--namespace', this.name, ...args]);
  }

  /** Runs kubectl in this namespace, with manifests for its `--filename`. */
  feed(input: string, ...args: string[]): Promise<string> {
    return kubectl(['--namespace', this.name, ...args, '--filename', '-'], { input });
  }

  /** Applies objects and returns the result, successful or not. */
  tryApply(objects: readonly Manifest[], { args = [] }: ApplyOptions = {}): Promise<Ran> {
    // Not as a List: kubectl validates Lists itself, with less precise errors than the API server's.
    const input = objects.map((each) => JSON.stringify(each)).join('\n---\n');
    return tryKubectl(['--namespace', this.name, 'apply', '--validate=strict', ...args, '--filename', '-'], { input });
  }

  /** Applies objects; returns kubectl's output. */
  async apply(objects: readonly Manifest[], options?: ApplyOptions): Promise<string> {
    const { code, stdout, stderr } = await this.tryApply(objects, options);
    if (code !== 0) throw new Error(`kubectl apply: ${stderr}`);
    return stdout;
  }

  get<T = Found>(kind: string, name: string): Promise<T> {
    return kubectlJson<T>(['--namespace', this.name, 'get', kind, name]);
  }

  /** Same as `get`; undefined if the object does not exist. */
  async find<T = Found>(kind: string, name: string): Promise<T | undefined> {
    const text = await this.kubectl('get', kind, name, '--ignore-not-found', '--output', 'json');
    return text === '' ? undefined : (JSON.parse(text) as T);
  }

  async list<T = Found>(kind: string, ...args: string[]): Promise<T[]> {
    return (await kubectlJson<{ items: T[] }>(['--namespace', this.name, 'get', kind, ...args])).items;
  }

  /** Merge-patches an object's spec. */
  async patchSpec(kind: string, name: string, spec: object): Promise<void> {
    await this.kubectl('patch', kind, name, '--type=merge', '--patch', JSON.stringify({ spec }));
  }

  /** Polls until there is an answer; on time-out the error shows the state of the cluster. */
  until<T>(what: string, probe: () => Promise<T | undefined>, wait: Wait = {}): Promise<T> {
    const why = (): Promise<string> => clusterNow(this.name);
    return until(what, probe, { withinMs: WITHIN_MS, everyMs: EVERY_MS, ...wait, why }) as Promise<T>;
  }

  /** Applies a ScriptRuntime and waits until all its pods accept executions. */
  async runtime(spec: RuntimeSpec = {}, name = 'default'): Promise<ScriptRuntime> {
    await this.apply([runtime(name, spec)]);
    return await this.ready(name);
  }

  /** Waits until a runtime is Ready for its current spec. */
  async ready(name = 'default'): Promise<ScriptRuntime> {
    return await this.until(`ScriptRuntime ${name} to be ready`, async () => {
      const found = await this.get<ScriptRuntime>('scriptruntime', name);
      const isReady =
        found.status.observedGeneration === found.metadata.generation &&
        conditionOf(found, 'Ready')?.status === 'True' &&
        conditionOf(found, 'Reconciling') === undefined &&
        conditionOf(found, 'Stalled') === undefined;
      return isReady ? found : undefined;
    });
  }

  /** Applies executions by name without waiting. */
  async start(specs: Readonly<Record<string, ExecutionSpec>>): Promise<void> {
    await this.apply(Object.entries(specs).map(([name, spec]) => execution(name, spec)));
  }

  /** Applies executions by name and waits until all have finished. */
  async run<Name extends string>(
    specs: Readonly<Record<Name, ExecutionSpec>>,
    wait: Wait = {},
  ): Promise<Record<Name, ScriptExecution>> {
    await this.start(specs);
    return await this.ended(Object.keys(specs) as Name[], wait);
  }

  /** Waits until executions have finished; returns them by name. */
  async ended<Name extends string>(names: readonly Name[], wait: Wait = {}): Promise<Record<Name, ScriptExecution>> {
    const wanted = new Set<string>(names);
    const what = names.length > 5 ? `${names.length} executions` : names.join(', ');
    return await this.until(
      `${what} to end`,
      async () => {
        const all = await this.list<ScriptExecution>('scriptexecution');
        const ended = all.filter((each) => wanted.has(each.metadata.name) && hasEnded(each));
        if (ended.length < wanted.size) return undefined;
        return Object.fromEntries(ended.map((each) => [each.metadata.name, each])) as Record<Name, ScriptExecution>;
      },
      wait,
    );
  }

  /** Applies one execution and waits until it has finished. */
  async outcome(name: string, spec: ExecutionSpec): Promise<ScriptExecution> {
    return (await this.run({ [name]: spec }))[name] as ScriptExecution;
  }

  execution(name: string): Promise<ScriptExecution> {
    return this.get<ScriptExecution>('scriptexecution', name);
  }

  /** Waits until an execution has this reason. */
  async says(name: string, reason: string): Promise<ScriptExecution> {
    return await this.until(`ScriptExecution ${name} to have reason ${reason}`, async () => {
      const found = await this.execution(name);
      return reasonOf(found) === reason ? found : undefined;
    });
  }

  /**
   * Waits until the pod of an execution has logged a line of it that contains the text. Reason Running says that it is
   * claimed: its script may begin later.
   */
  async logged(name: string, text: string): Promise<void> {
    const { metadata, status } = await this.says(name, 'Running');
    await this.until(`ScriptExecution ${name} to log ${text}`, async () => {
      const lines = (await this.kubectl('logs', status.claim?.podName ?? '')).split('\n');
      return lines.some((line) => line.includes(metadata.uid ?? name) && line.includes(text)) || undefined;
    });
  }
}
