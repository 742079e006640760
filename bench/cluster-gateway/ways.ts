import type { ScriptEndpoint, ScriptExecution } from '../../src/api/types.generated.ts';
import { SCRIPT_ENDPOINTS } from '../../src/cluster/resources.ts';
import type { Execute } from '../closed-loop.ts';
import { begin } from '../cluster/begin.ts';
import type { EndWatcher } from '../cluster/end-watcher.ts';
import { newExecution } from '../cluster/executions.ts';
import { RUNTIME } from '../cluster/runtime.ts';
import type { Target } from '../cluster/target.ts';
import { until } from '../cluster/until.ts';
import type { HttpClient } from '../contestants/http-post.ts';
import { PARAMS, RESULT, SOURCE } from '../scenarios/small.ts';
import { handlerOf } from '../workload.ts';
import type { Way } from './figures.ts';

const SERVED_WITHIN_MS = 60_000;

export interface WaysParts {
  readonly target: Target;
  readonly namespace: string;
  /** Sends with the token of the caller. */
  readonly gateway: HttpClient;
  readonly watcher: EndWatcher<ScriptExecution>;
  /** Names of executions, each once in the namespace. */
  readonly nextName: () => string;
  readonly signal: AbortSignal;
}

/** Makes the endpoints, which the ways `none` and `module` call. */
export async function makeEndpoints({ client }: Target, namespace: string, signal: AbortSignal): Promise<void> {
  for (const reuse of ['None', 'Module'] as const) {
    const metadata = { name: reuse.toLowerCase(), namespace };
    const spec = { runtimeRef: { name: RUNTIME }, source: handlerOf(SOURCE), reuse };
    await client.create(SCRIPT_ENDPOINTS, { metadata, spec } as unknown as ScriptEndpoint, { signal });
  }
}

/** Runs the script of the bench once, each in its way; the result as JSON. Resolves when the gateway serves all. */
export async function prepareWays(parts: WaysParts): Promise<Readonly<Record<Way, Execute>>> {
  const { target, namespace, gateway, watcher, nextName, signal } = parts;
  const objects: Execute = async () => {
    const { created, timeline } = begin(target.client, watcher, newExecution(namespace, nextName(), RUNTIME), signal);
    await Promise.all([created, timeline]);
    return RESULT; // the watcher has compared it
  };
  const body = JSON.stringify({ source: SOURCE, params: PARAMS });
  const path = `/apis/copepod.dev/v1alpha1/namespaces/${namespace}/scriptruntimes/${RUNTIME}/execute`;
  const execute: Execute = async () => {
    const { result } = JSON.parse(await gateway.post(body, path)) as { result?: unknown };
    return JSON.stringify(result);
  };
  const params = JSON.stringify(PARAMS);
  const none: Execute = () => gateway.post(params, `/${namespace}/none`);
  const module: Execute = () => gateway.post(params, `/${namespace}/module`);

  for (const call of [execute, none, module] as (() => Promise<unknown>)[]) {
    let last: Error | undefined;
    const probe = (): Promise<true | undefined> =>
      call().then(
        () => true as const,
        (error: Error) => {
          last = error;
          return undefined;
        },
      );
    await until('the gateway to serve the script', SERVED_WITHIN_MS, signal, probe, async () => last?.message ?? '');
  }
  return { objects, execute, none, module };
}
