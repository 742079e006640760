import { Replays } from '../../api/endpoints/replays.ts';
import { type Authenticated, authenticateBySecret } from '../../api/endpoints/request-authentication.ts';
import { referenceText } from '../../api/env.ts';
import { parseTraceparent } from '../../api/trace-context.ts';
import type { ScriptRuntime } from '../../api/types.generated.ts';
import type { ServingPod } from '../../cluster/pods/serving-pod.ts';
import type { ValueSource } from '../../runtime/env/value-source.ts';
import type { Setup } from '../../runtime/host-functions-file.ts';
import { requestedScript } from '../../runtime/requested-script.ts';
import { Runtime } from '../../runtime/runtime.ts';
import { specOptions } from '../../runtime/spec-options.ts';
import { TrackedResponse } from '../../runtime/tracked-response.ts';
import type { ExecutionOutcome } from '../../runtime/types.ts';
import { secretRefusal } from '../endpoints/secret-refusal.ts';
import type { Serve } from '../execute/executor.ts';
import type { Run, RunEnd, Runs } from '../execute/runtime-executor.ts';
import { Places } from '../routing/places.ts';

export interface EngineRunsOptions {
  /** The Secrets and ConfigMaps of a namespace. */
  readonly values: (namespace: string) => ValueSource;
  readonly setup: Setup | undefined;
  /** Sandboxes run without a seccomp filter, for this reason. */
  readonly onWithoutSeccomp: (reason: string) => void;
}

/** The engine of one ScriptRuntime in this process, which is its only pod. */
interface LocalEngine {
  readonly pod: ServingPod;
  readonly runtime: Runtime;
}

/** Runs scripts in this process: an engine for each ScriptRuntime, with the places and the queue that pods have. */
export class EngineRuns implements Runs {
  readonly #setup: Setup | undefined;
  readonly #engines: ReadonlyMap<string, LocalEngine>;
  readonly #places: Places;
  readonly #values: EngineRunsOptions['values'];
  readonly #replays = new Replays();

  constructor(runtimes: readonly ScriptRuntime[], { values, setup, onWithoutSeccomp }: EngineRunsOptions) {
    this.#setup = setup;
    this.#values = values;
    this.#engines = new Map(
      runtimes.map((runtime) => {
        const { name, namespace } = runtime.metadata;
        const key = `${namespace}/${name}`;
        return [key, engineOf(key, runtime, values(namespace), onWithoutSeccomp)];
      }),
    );
    this.#places = new Places({
      serving: (key) => {
        const engine = this.#engines.get(key);
        return engine === undefined ? [] : [engine.pod];
      },
    });
  }

  async run({ runtime: key, request, limits, waitMs, signal, serve }: Run): Promise<RunEnd> {
    const startedAt = performance.now();
    const { params, context, env = [], tenantKey } = request;
    const trace = parseTraceparent(request.traceparent);
    // The engine reads values of manifests itself, and says what is missing.
    const place = { runtime: key, tenantKey, limits, values: undefined, unsuitable: NONE, waitMs, signal };
    using _reserved = await this.#places.reserve(place);
    const authenticated = serve && this.#authenticate(key, serve);
    const response = serve && new TrackedResponse(serve.respond);
    const { module } = serve ?? {};
    const waitedMs = performance.now() - startedAt;
    const { runtime } = this.#engines.get(key) as LocalEngine;
    let outcome: ExecutionOutcome | undefined;
    try {
      outcome = await runtime.execute(requestedScript(request), {
        params,
        context,
        env,
        tenantKey,
        limits,
        signal,
        ...(trace === undefined ? {} : { trace }),
        ...(response === undefined
          ? {}
          : {
              serve: {
                request: (serve as Serve).request,
                respond: response.respond,
                ...(module === undefined ? {} : { module }),
              },
            }),
        ...(this.#setup === undefined ? {} : { setup: this.#setup }),
      });
    } finally {
      // Also where it throws: the sender may send it again.
      if (outcome === undefined || response?.hasFailed(outcome)) authenticated?.failed();
    }
    signal.throwIfAborted();
    return { outcome, waitMs: waitedMs };
  }

  /** @throws Refusal where the Secret of the request's endpoint does not authenticate it */
  #authenticate(key: string, { request, auth }: Serve): Extract<Authenticated, { ok: true }> | undefined {
    if (auth === undefined) return undefined;
    const [namespace = ''] = key.split('/');
    const reference = { kind: 'Secret', ...auth.secretKeyRef } as const;
    const secret = this.#values(namespace).snapshot().read(reference);
    if (secret === undefined)
      throw secretRefusal('SecretNotFound', `${referenceText(reference)} is not in the files given`);
    const { headers, body } = request;
    const received = { headers, body: Buffer.isBuffer(body) ? body : undefined };
    const result = authenticateBySecret(auth, received, { secret, replays: this.#replays, nowMs: Date.now() });
    if (!result.ok) throw secretRefusal(result.code, result.why);
    return result;
  }

  /** TypeScript declarations of the tools of a runtime, by its key. */
  async toolTypes(key: string, tenant: string): Promise<string> {
    return (await this.#engines.get(key)?.runtime.toolTypes(tenant)) ?? '';
  }

  /** Ends every sandbox process. */
  async close(): Promise<void> {
    await Promise.all([...this.#engines.values()].map(({ runtime }) => runtime.close()));
  }
}

const NONE: ReadonlySet<string> = new Set();

function engineOf(
  key: string,
  { spec }: ScriptRuntime,
  values: ValueSource,
  onWithoutSeccomp: (reason: string) => void,
): LocalEngine {
  const options = specOptions(spec, values);
  // Every process is started for a request that waits: a laptop has other work.
  const runtime = new Runtime({
    ...options,
    pool: { ...options.pool, lazy: true, seccomp: 'IfAvailable' },
    observer: { runsWithoutSeccomp: ({ reason }) => onWithoutSeccomp(reason) },
  });
  const limits = options.limits as ServingPod['limits'];
  const { size } = spec.pool;
  return {
    pod: { runtime: key, name: 'local', uid: 'local', address: '', bootID: '', capacity: size, limits },
    runtime,
  };
}
