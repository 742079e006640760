import { unmetReferences, unmetText, type ValueReference } from '../../api/env.ts';
import { isForTenant } from '../../api/for-tenant.ts';
import type { CompilationResult, RunOutcome, RunRequest } from '../../api/pod-protocol.ts';
import { parseTraceparent } from '../../api/trace-context.ts';
import type { RequestReport } from '../egress/request-record.ts';
import type { ValueSource } from '../env/value-source.ts';
import type { Admission } from '../execution.ts';
import { type HostBridge, type HostCall, HostError } from '../host-bridge.ts';
import type { Setup } from '../host-functions-file.ts';
import { refusals } from '../options.ts';
import { requestedScript } from '../requested-script.ts';
import type { Runtime } from '../runtime.ts';
import { ScriptError } from '../script-error.ts';
import { TrackedResponse } from '../tracked-response.ts';
import type { ExecuteOptions, ExecutionOutcome, LogLine } from '../types.ts';
import type { Respond } from '../web-exchange.ts';
import { EndpointAuthentication } from './endpoint-authentication.ts';
import type { Work } from './ledger.ts';
import { RefusalError } from './refusal.ts';
import { lostOutcome, wireError, wireOutcome } from './run-outcome.ts';
import { readRunRequest, readScript, readServeRequest } from './run-request.ts';

/** Sees what runs do: for logs and metrics. */
export interface RunObserver {
  /** A script has logged a line. */
  logged(run: RunIdentity, line: LogLine): void;
  ended(run: RunIdentity, outcome: ExecutionOutcome, times: RunTimes): void;
  /** A request of a script's `fetch` has ended, maybe after its run. */
  fetched(run: RunIdentity, report: RequestReport): void;
  /** A host function has thrown what the script is not told. */
  hostFunctionFailed(run: RunIdentity, name: string, error: unknown): void;
}

/** What names a run and the one it runs for. */
export interface RunIdentity {
  readonly id: string;
  readonly request: Pick<RunRequest, 'context' | 'tenantKey'>;
  /** The trace that it is in, if any. */
  readonly traceID?: string | undefined;
}

export interface RunTimes {
  /** From the request to the start on a VM. */
  readonly waitMs: number;
}

/** What a pod admits, and the values that are mounted into it. */
export interface PodAdmission extends Admission {
  readonly values: ValueSource;
  /** The Secrets that are mounted into it for endpoints. */
  readonly endpointSecrets?: readonly ValueReference[];
}

/** An error as the log shows it, without secret values of the script. */
function redacted(error: unknown, redact: HostCall['redact']): unknown {
  if (!(error instanceof Error)) return redact(String(error));
  const { name, message, stack } = error;
  return Object.assign(new Error(redact(message)), { name, stack: stack === undefined ? undefined : redact(stack) });
}

/** Turns requests into executions of the engine. */
export class Runner {
  readonly #runtime: Pick<Runtime, 'execute' | 'compile'>;
  readonly #setup: Setup | undefined;
  readonly #admission: PodAdmission;
  readonly #authentication: EndpointAuthentication;
  readonly #observer: RunObserver;

  constructor(
    runtime: Pick<Runtime, 'execute' | 'compile'>,
    setup: Setup | undefined,
    admission: PodAdmission,
    observer: RunObserver,
  ) {
    this.#runtime = runtime;
    this.#setup = setup;
    this.#admission = admission;
    this.#authentication = new EndpointAuthentication(admission.values, admission.endpointSecrets ?? []);
    this.#observer = observer;
  }

  /** Reads a request, so that what starts later can't fail for its form. @throws RefusalError BadRequest, Unsuitable */
  prepare(id: string, body: Buffer): Work {
    const request = readRunRequest(body);
    this.#assertSuitable(request);
    return { requestBytes: body.length, run: (signal) => this.#run(id, request, signal) };
  }

  /**
   * As `prepare`, for a request that the script's web handler is to answer.
   * @param respond takes the response as it comes
   * @param streamed its body, where that does not come with the frame
   */
  prepareServe(
    id: string,
    frame: Buffer,
    { respond, streamed }: { readonly respond: Respond; readonly streamed: AsyncIterable<Uint8Array> },
  ): Work {
    const { run, head, body, auth, module } = readServeRequest(frame);
    this.#assertSuitable(run);
    const authenticated = auth && this.#authentication.check(auth, { headers: head.headers, body });
    const request = { ...head, body: body ?? streamed };
    const response = new TrackedResponse(respond);
    return {
      requestBytes: frame.length,
      run: async (signal) => {
        // Also where it throws: the sender may send it again.
        let hasFailed = true;
        try {
          const outcome = await this.#run(id, run, signal, {
            request,
            respond: response.respond,
            ...(module === undefined ? {} : { module }),
          });
          hasFailed = response.hasFailed(outcome);
          return outcome;
        } finally {
          if (hasFailed) authenticated?.failed();
        }
      },
    };
  }

  /** Compiles a script without running it. @throws RefusalError BadRequest; NotReady if no process can compile it */
  async compile(body: Buffer): Promise<CompilationResult> {
    const script = readScript(body);
    try {
      await this.#runtime.compile(requestedScript(script));
      return {};
    } catch (error) {
      if (error instanceof ScriptError) return { error: wireError(error) };
      if (error instanceof TypeError) throw new RefusalError('BadRequest', error.message);
      throw new RefusalError('NotReady', (error as Error).message);
    }
  }

  /**
   * Refuses what the operator has promised by its runtime's present `spec` and this pod cannot give, as it was started before: as an
   * outcome it would be the end of the execution.
   */
  #assertSuitable({ limits, context, env = [] }: RunRequest): void {
    const { ceiling, values } = this.#admission;
    const present = values.snapshot();
    const unmet = unmetReferences(env, (reference) => present.read(reference) !== undefined);
    if (unmet.size > 0) throw new RefusalError('Unsuitable', unmetText(unmet));
    const [tooMuch] = refusals(limits, ceiling);
    if (tooMuch !== undefined) throw new RefusalError('Unsuitable', `this pod has lower limits: ${tooMuch}`);
    if (isForTenant(this.#admission, context.tenant.id)) return;
    throw new RefusalError('Unsuitable', `this pod was started for other tenants than "${context.tenant.id}"`);
  }

  async #run(
    id: string,
    request: RunRequest,
    signal: AbortSignal,
    serve?: ExecuteOptions['serve'],
  ): Promise<RunOutcome> {
    const { params, context, env, tenantKey, limits } = request;
    const trace = parseTraceparent(request.traceparent);
    const run = { id, request: { context, tenantKey }, traceID: trace?.traceID };
    const setup = this.#setup;
    const arrived = performance.now();
    let outcome = await this.#runtime.execute(requestedScript(request), {
      params,
      context,
      ...(env === undefined ? {} : { env }),
      tenantKey,
      limits,
      signal,
      ...(trace === undefined ? {} : { trace }),
      ...(serve === undefined ? {} : { serve }),
      ...(setup === undefined ? {} : { setup: (host) => setup(this.#reporting(run, host)) }),
      onLog: (line) => this.#observer.logged(run, line),
      onFetch: (report) => this.#observer.fetched(run, report),
    });
    // Nobody has cancelled it: the engine was closed under it.
    if (outcome.reason === 'Cancelled' && !signal.aborted) outcome = lostOutcome(outcome);
    const waitMs = Math.max(0, performance.now() - arrived - outcome.usage.wallMilliseconds);
    this.#observer.ended(run, outcome, { waitMs });
    return wireOutcome(outcome);
  }

  /** A host whose functions tell the pod's log why they fail: scripts are not told, and somebody has to know. */
  #reporting(run: RunIdentity, host: HostBridge): HostBridge {
    return {
      expose: (name, fn) =>
        host.expose(name, async (call: HostCall, ...args) => {
          try {
            return await fn(call, ...args);
          } catch (error) {
            if (!(error instanceof HostError)) {
              this.#observer.hostFunctionFailed(run, name, redacted(error, call.redact));
            }
            throw error;
          }
        }),
    };
  }
}
