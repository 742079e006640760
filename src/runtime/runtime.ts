import { MAX_HOST_TYPES } from '../api/host-types.ts';
import { filesExcess } from '../api/script-files.ts';
import { MAX_SPAN_ERROR, type SpanRecord } from '../api/span.ts';
import { Cancellation } from './cancellation.ts';
import { type CallEnd, classify, compileError, type Verdict } from './classify.ts';
import { type Compiled, Compiler, type Finish } from './compiler.ts';
import { CompilerProcesses } from './compiler-processes.ts';
import { ContainedProcesses } from './contained-processes.ts';
import { Egress } from './egress/egress.ts';
import type { FetchSession } from './egress/fetch-session.ts';
import { startFetchSpan } from './egress/fetch-span.ts';
import type { RequestReport } from './egress/request-record.ts';
import { Environments } from './env/environments.ts';
import { redactedReport } from './env/redacted-report.ts';
import { redactedVerdict } from './env/redacted-verdict.ts';
import { Execution, requireSource } from './execution.ts';
import type { HostCall } from './host-bridge.ts';
import { Limiter } from './limiter.ts';
import { ExecutionCounter, type RuntimeMetrics } from './metrics.ts';
import {
  cacheOptions,
  DEFAULT_LIMITS,
  limitsWithin,
  MAX_RESULT_BYTES,
  poolOptions,
  type RuntimeOptions,
} from './options.ts';
import { PoolError } from './pool-options.ts';
import { Preparation, type Prepared } from './preparation.ts';
import { ProgramLoader } from './program-loader.ts';
import { RunClock } from './run-clock.ts';
import { type RunSpans, takeStep } from './run-spans.ts';
import type { RuntimeProcesses } from './sandbox-process.ts';
import { ScriptError } from './script-error.ts';
import { tell } from './tell.ts';
import { ToolCalls } from './tools/tool-calls.ts';
import { type ToolProblem, Tools } from './tools/tools.ts';
import type { ExecuteOptions, ExecutionOutcome, Limits, Program, ReadFile, ScriptSource, Usage } from './types.ts';
import { type Listener, type VM, VMLostError } from './vm.ts';
import { ProcessVMFactory } from './vm-factory.ts';
import { VMPool } from './vm-pool.ts';
import { type WebRequest, wholeBody } from './web-exchange.ts';
import type { BodyStep } from './wire/body-step.ts';
import type { ResponsePart } from './wire/response-part.ts';
import type { RunMessage, ToSandbox } from './wire/to-sandbox.ts';
import { FEW_SLOTS, SLOTS } from './zygote.ts';

/** Whose turn it is where the embedding program itself has something compiled. */
const NOBODY = '';
/** A program that runs a script and ends does not wait for compilers, nor pay for them; see `ready`. */
const WARM_COMPILERS_AFTER_MS = 500;
/** What ends a session of a server may send and receive. */
const MAX_LAST_FETCH_BYTES = 256 << 10;

/** Starts a runtime: a pool of sandbox processes, and all it takes to run scripts in them. */
export function createRuntime(options: RuntimeOptions = {}): Runtime {
  return new Runtime(options);
}

/** Runs untrusted scripts, each in a context of its own inside a sandbox process. */
export class Runtime {
  readonly #limits: Limits;
  readonly #options: RuntimeOptions;
  readonly #processes: RuntimeProcesses;
  readonly #factory: ProcessVMFactory;
  readonly #pool: VMPool;
  readonly #limiter = new Limiter();
  readonly #compilers: CompilerProcesses;
  readonly #compiler: Compiler;
  readonly #preparation: Preparation;
  readonly #egress: Egress;
  readonly #environments: Environments;
  readonly #tools: Tools;
  readonly #counter = new ExecutionCounter();
  readonly #closing = new AbortController();
  readonly #warmCompilers: NodeJS.Timeout | undefined;

  /**
   * @param processes starts the sandboxes, and may have begun to: it is closed with the runtime, whose `pool.seccomp` is its own
   * @param finish changes what a program has been compiled to
   */
  constructor(options: RuntimeOptions = {}, processes?: RuntimeProcesses, finish?: Finish) {
    this.#options = options;
    this.#limits = limitsWithin(DEFAULT_LIMITS, options.limits);
    if (this.#limits.resultBytes > MAX_RESULT_BYTES) {
      throw new TypeError(`limits.resultBytes may be ${MAX_RESULT_BYTES} at most`);
    }
    const { values } = options;
    this.#egress = new Egress(options.egress, (reference) => values?.snapshot().read({ kind: 'Secret', ...reference }));
    this.#environments = new Environments(values, this.#egress.rules);
    this.#tools = new Tools(options.tools ?? [], this.#egress, (report) => this.#toolRequested(report));
    const pool = poolOptions(options.pool, this.#limits.memoryBytes);
    this.#processes =
      processes ??
      new ContainedProcesses(
        pool.seccomp,
        (reason) => tell((event) => options.observer?.runsWithoutSeccomp?.(event), { reason }),
        pool.lazy ? Math.min(SLOTS, FEW_SLOTS * pool.size) : SLOTS,
      );
    this.#compilers = new CompilerProcesses(this.#processes, this.#limiter);
    this.#compiler = new Compiler(cacheOptions(options.cache), this.#compilers, finish);
    this.#factory = new ProcessVMFactory(this.#processes, this.#limits.memoryBytes);
    this.#pool = new VMPool(this.#factory, pool, (vm) => this.#limiter.release(vm));
    const loader = finish === undefined ? new ProgramLoader(this.#limiter, this.#limits.memoryBytes) : undefined;
    this.#preparation = new Preparation(this.#compiler, loader, this.#pool, this.#tools);
    if (!pool.lazy) {
      this.#warmCompilers = setTimeout(() => void this.#compilers.warm(), WARM_COMPILERS_AFTER_MS).unref();
    }
  }

  /** Waits until a VM is warm, and begins to load tools and to start a compiler. @throws PoolError if none can be started */
  async ready(): Promise<void> {
    this.#tools.warm();
    if (this.#warmCompilers !== undefined) void this.#compilers.warm();
    await this.#pool.ready();
  }

  /** Whether warm VMs can serve now. */
  get isReady(): boolean {
    return !this.#closing.signal.aborted && this.#pool.isWarm;
  }

  /**
   * Runs a script to its end. Whatever the script does, this resolves: how it ended stands in the outcome. Params or a
   * context that are too long or nest too deep end as LimitsRefused.
   * @throws TypeError if the script is none, `params` or `context` is no JSON, a limit is no number or a host function can't have its name; PoolError
   * after `close()`
   */
  async execute(script: string | ScriptSource | Program, options: ExecuteOptions = {}): Promise<ExecutionOutcome> {
    if (this.#closing.signal.aborted) throw new PoolError('the runtime is closed');
    const admission = { ceiling: this.#limits, tenants: this.#options.tenants ?? [] };
    const execution = new Execution(script, options, admission, {
      compiler: this.#compiler,
      environments: this.#environments,
    });
    const verdict = execution.refusal ?? (await this.#waitAndRun(execution, options));
    execution.requestBody?.close();
    this.#counter.ended(verdict.reason);
    const clock = execution.clock ?? new RunClock(); // it never started
    return {
      ...verdict,
      logs: execution.logs.lines(),
      usage: execution.usage,
      startTime: clock.startTime,
      completionTime: clock.now(),
      ...(execution.spans === undefined ? {} : { spans: endedSpans(execution.spans, verdict, execution.usage) }),
    };
  }

  /**
   * Compiles a script without running it, for executions of any tenant.
   * @throws ScriptError if it does not compile or is too long; TypeError if it is no script, or a file can't have its name;
   * PoolError if no process can compile it
   */
  async compile(name: string, source: string): Promise<Program>;
  /** @param readFile reads what the script imports and `files` does not hold */
  async compile(script: ScriptSource, readFile?: ReadFile): Promise<Program>;
  async compile(script: string | ScriptSource, more?: string | ReadFile): Promise<Program> {
    const source = typeof script === 'string' ? { name: script, source: more as string } : script;
    requireSource(source);
    const readFile = typeof more === 'function' ? more : undefined;
    const tooLong = filesExcess(source);
    if (tooLong !== undefined) throw new ScriptError('LimitsRefused', { message: tooLong });
    const { program, compiled } = await this.#compileFor(source, readFile);
    const tooMany = filesExcess(program);
    if (tooMany !== undefined) throw new ScriptError('LimitsRefused', { message: tooMany });
    if ('error' in compiled) throw compileError(compiled.error).error;
    return program;
  }

  metrics(): RuntimeMetrics {
    return {
      executions: this.#counter.stats(),
      reasons: this.#counter.reasons,
      pool: this.#pool.stats(),
      compilation: this.#compiler.stats(),
      containment: this.#processes.containment,
    };
  }

  /**
   * TypeScript declarations of a tenant's tools; empty: there are none. Loads what is not loaded.
   * @param maxLength of what is declared in full, in UTF-16 units; functions beyond have no types
   */
  async toolTypes(tenant: string, maxLength = MAX_HOST_TYPES): Promise<string> {
    const { text } = await this.#tools.declarations(tenant, maxLength);
    return this.#environments.egressRedactor().text(text);
  }

  /** The tools that cannot be loaded, of those that were tried. */
  toolProblems(): readonly ToolProblem[] {
    const redactor = this.#environments.egressRedactor();
    return this.#tools.problems().map(({ name, message }) => ({ name, message: redactor.text(message) }));
  }

  /** Cancels what runs and ends every sandbox process. Resolves when the last is gone. */
  async close(): Promise<void> {
    this.#closing.abort();
    clearTimeout(this.#warmCompilers);
    // What has failed would be started anew meanwhile.
    this.#processes.stopStarting();
    this.#tools.close();
    await Promise.all([this.#pool.close(), this.#compilers.close()]);
    await Promise.all([this.#processes.close(), this.#egress.close()]);
    this.#limiter.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #compileFor(
    script: ScriptSource,
    readFile: ReadFile | undefined,
  ): Promise<{ program: Program; compiled: Compiled }> {
    try {
      if (readFile !== undefined) return await this.#compiler.read(script, readFile, NOBODY);
      const program = this.#compiler.program(script);
      return { program, compiled: await this.#compiler.compile(program, NOBODY) };
    } catch (error) {
      if (error instanceof TypeError) throw error;
      throw new PoolError(`no process can compile the script: ${(error as Error).message}`);
    }
  }

  async #waitAndRun(execution: Execution, { signal: ownSignal, readFile }: ExecuteOptions): Promise<Verdict> {
    const cancellation = new Cancellation(ownSignal, this.#closing.signal);
    this.#counter.pending++;
    let prepared: Awaited<ReturnType<Preparation['prepare']>>;
    try {
      prepared = await this.#preparation.prepare(execution, readFile, cancellation);
    } catch (error) {
      if (cancellation.aborted) return { reason: 'Cancelled' };
      return { reason: 'SandboxLost', error: new ScriptError('SandboxLost', { message: (error as Error).message }) };
    } finally {
      this.#counter.pending--;
    }
    if ('error' in prepared) return compileError(prepared.error);
    this.#counter.running++;
    try {
      return await this.#run(execution, prepared, cancellation);
    } finally {
      this.#counter.running--;
    }
  }

  #toolRequested(report: RequestReport): void {
    const redactor = this.#environments.egressRedactor();
    tell((event) => this.#options.observer?.toolRequested?.(event), redactedReport(report, redactor));
  }

  async #run(execution: Execution, { compiled, vm }: Prepared, cancellation: Cancellation): Promise<Verdict> {
    const { program, limits, tenantKey, context, host } = execution;
    const { pid, isolateId } = vm;
    tell((event) => this.#options.observer?.executionStarted?.(event), {
      vmId: vm.id,
      pid,
      isolateId,
      tenantKey,
      executionId: context.execution.id,
    });
    // Most scripts call nothing: what a call needs is made when there is one.
    let ended: AbortController | undefined;
    let call: HostCall | undefined;
    const id = vm.nextRequestId();
    let fetches: FetchSession | undefined;
    const { spans } = execution;
    const onMessage: Listener = (message, blob) => {
      if (message.op === 'log') execution.log(message.lines);
      if (message.op === 'respond') return this.#respond(execution, vm, message, blob);
      if (message.op === 'body') return readBody(execution, vm, message);
      if (message.op === 'span') return takeStep(spans, message, execution.redactor);
      if (message.op !== 'call' && message.op !== 'fetch') return;
      if (message.op === 'call' || message.step === 'start') execution.apiCalls++;
      if (execution.hasTooManyCalls) return vm.kill();
      if (message.op === 'fetch') {
        fetches ??= this.#fetchSession(execution, vm, id);
        return fetches.handle(message, blob);
      }
      ended ??= new AbortController();
      call ??= { context, tenantKey, signal: ended.signal, redact: (text) => execution.redactor.text(text) };
      const { signal: over } = ended;
      const span = spans?.request(host.spanName(message.name), message.span ?? 0, 'Internal');
      const { name, args } = message;
      const answered =
        span && spans
          ? spans.call(span, () =>
              host.call(name, args, { ...(call as HostCall), traceparent: spans.traceparent(span) }),
            )
          : host.call(name, args, call);
      void answered.then(({ ok, value }) => {
        span?.end(ok ? undefined : '');
        if (!over.aborted) vm.send({ op: 'reply', id, call: message.call, ok, value });
      });
    };
    const toolCalls = new ToolCalls(
      () => (fetches ??= this.#fetchSession(execution, vm, id)),
      () => this.#lastFetches(execution),
    );
    toolCalls.expose(execution.tools, host);
    const delivery = this.#compiler.deliver(program, compiled, vm);
    const { request, input } = execution;
    // Member by member: what follows a spread is added by V8's runtime, one member at a time.
    const message = {
      op: 'run',
      id,
      program: delivery.program,
      params: input.params,
      context: input.context,
      env: input.env,
      hostFunctions: host.names,
      maxResultBytes: limits.resultBytes,
      ...(spans === undefined ? {} : { isTraced: true as const }),
      ...(request === undefined ? {} : { request: requestOf(request, execution.module) }),
    } as const;
    const script = spans?.startScript();
    const { verdict: said, end } = await this.#call({
      vm,
      message,
      blob: withBody(delivery.blob, request && wholeBody(request)),
      limits,
      cancellation,
      onMessage,
      execution,
    });
    this.#compiler.settle(program, vm);
    toolCalls.close();
    ended?.abort();
    fetches?.close();
    execution.endLog();
    const verdict = redactedVerdict(said, execution.redactor, limits);
    script?.end(verdict.error && '');
    const { answer, watch } = end;
    execution.usage = {
      cpuMilliseconds: rounded(cpuMsOf(end)),
      wallMilliseconds: rounded(end.wallMs),
      peakHeapBytes: Math.max(answer instanceof VMLostError ? 0 : answer.heapBytes, watch.peakGrowthBytes),
      apiCalls: Math.min(execution.apiCalls, limits.apiCalls),
      ...(fetches === undefined || fetches.usage.fetches === 0 ? {} : fetches.usage),
    };
    return verdict;
  }

  /** Gives a part of a response on. The sandbox sends the next one once this one has been taken. */
  #respond({ exchange }: Execution, vm: VM, part: ResponsePart, bytes: Buffer): void {
    if (exchange === undefined) throw new TypeError('a response without a request');
    const taken = exchange.take(part, bytes);
    if (exchange.isTooLarge) {
      vm.kill();
      return;
    }
    const { id, call, last } = part;
    const reply = (): void => {
      if (!last) vm.send({ op: 'reply', id, call, ok: true, value: '' });
    };
    if (taken === undefined) reply();
    else void taken.then(reply, () => vm.kill());
  }

  /** The fetches of an execution, answered while it runs. */
  #fetchSession(execution: Execution, vm: VM, id: number): FetchSession {
    const { tenantKey, context, limits, spans } = execution;
    return this.#egress.open(
      { tenantKey, tenant: context.tenant.id, maxBytes: limits.fetchBytes },
      {
        reply: (call, ok, value, blob) => vm.send({ op: 'reply', id, call, ok, value }, blob),
        exceeded: () => {
          execution.hasTooManyFetchBytes = true;
          vm.kill();
        },
        reported: (report) => tell(execution.onFetch, redactedReport(report, execution.redactor)),
        ...(spans === undefined
          ? {}
          : { traced: (within, method) => startFetchSpan(spans, within, method, execution.redactor) }),
      },
    );
  }

  /** What ends sessions of servers when an execution is over. */
  #lastFetches({ tenantKey, context, onFetch, redactor }: Execution): FetchSession {
    return this.#egress.open(
      { tenantKey, tenant: context.tenant.id, maxBytes: MAX_LAST_FETCH_BYTES },
      {
        reply: () => {},
        exceeded: () => {},
        reported: (report) => tell(onFetch, redactedReport(report, redactor)),
      },
    );
  }

  /** Sends one request to a VM, watched; classifies its end, and gives the VM back to where it belongs. */
  async #call(request: VMCall): Promise<{ verdict: Verdict; end: CallEnd }> {
    const { vm, message, blob, limits, cancellation, onMessage, execution } = request;
    vm.use();
    const clock = new RunClock();
    execution.clock = clock;
    const watch = this.#limiter.start(vm, limits, cancellation);
    let clean = false;
    let answer: CallEnd['answer'];
    try {
      const done = await vm.request(message, onMessage, blob);
      if (done.op !== 'done') throw new VMLostError('it gave another answer than was asked for');
      clean = done.clean;
      answer = { report: done.report, cpuMs: done.cpuMicroseconds / 1000, heapBytes: done.heapBytes };
    } catch (error) {
      answer = error as VMLostError;
    }
    const wallMs = clock.elapsedMs;
    const report = watch.stop();
    const { hasTooManyCalls: tooManyCalls, hasTooManyFetchBytes: tooManyFetchBytes, exchange } = execution;
    const tooLargeResponse = exchange?.isTooLarge ?? false;
    const end: CallEnd = { answer, watch: report, wallMs, tooManyCalls, tooManyFetchBytes, tooLargeResponse };
    const verdict = classify(end, limits);
    const { type } = verdict.error ?? {};
    const isReusable = clean && report.exceeded === undefined && !report.isBloated && type !== 'TimeoutError';
    if (isReusable && verdict.reason !== 'MemoryExceeded') this.#pool.put(vm);
    else this.#pool.discard(vm);
    return { verdict, end };
  }
}

/** One request to a VM, and what goes with it. */
interface VMCall {
  readonly vm: VM;
  readonly message: ToSandbox & { id: number };
  readonly blob: Buffer | undefined;
  readonly limits: Limits;
  readonly cancellation: Cancellation;
  readonly onMessage: Listener;
  readonly execution: Execution;
}

/** What the sandbox says, unless the kernel has counted more than its steps of 10 ms explain. */
const cpuMsOf = ({ answer, watch }: CallEnd): number =>
  answer instanceof VMLostError ? watch.cpuMs : Math.max(answer.cpuMs, watch.cpuMs - 10);

/** The head of a request as a sandbox gets it. */
const requestOf = (request: WebRequest, module: string | undefined): NonNullable<RunMessage['request']> => ({
  head: { url: request.url, method: request.method, headers: request.headers },
  bodyBytes: wholeBody(request)?.length ?? 0,
  ...(request.body === undefined || request.body instanceof Uint8Array ? {} : { isStreamed: true }),
  ...(module === undefined ? {} : { module }),
});

/** Gives the sandbox the next bytes of its request's body, once they are there. */
function readBody({ requestBody }: Execution, vm: VM, step: BodyStep): void {
  if (requestBody === undefined) throw new TypeError('a read of a body that is not streamed');
  const { id } = step;
  requestBody.handle(step, (call, ok, value, bytes) => vm.send({ op: 'reply', id, call, ok, value }, bytes));
}

/** The blob of a run: its program, where the sandbox does not have it, and the body of its request. */
function withBody(program: Buffer | undefined, body: Uint8Array | undefined): Buffer | undefined {
  if (body === undefined || body.length === 0) return program;
  return program === undefined ? Buffer.from(body) : Buffer.concat([program, body]);
}

/** The spans of an execution, with how it has ended. */
function endedSpans(spans: RunSpans, { reason, error }: Verdict, usage: Usage): readonly SpanRecord[] {
  const attributes = {
    'copepod.reason': reason,
    'copepod.usage.cpu_milliseconds': usage.cpuMilliseconds,
    'copepod.usage.peak_heap_bytes': usage.peakHeapBytes,
    'copepod.usage.api_calls': usage.apiCalls,
    ...(error === undefined ? {} : { 'error.type': reason }),
  };
  return spans.finish(attributes, error?.message.slice(0, MAX_SPAN_ERROR));
}

const rounded = (milliseconds: number): number => Math.round(milliseconds * 1000) / 1000;
