import { randomUUID } from 'node:crypto';
import { MAX_SOURCE_BYTES } from '../api/limits.ts';
import { type CallEnd, classify, type Verdict } from './classify.ts';
import { Compiler, type Delivery } from './compiler.ts';
import { ContainedProcesses } from './contained-processes.ts';
import { Execution, excess } from './execution.ts';
import type { HostCall } from './host-bridge.ts';
import { Limiter } from './limiter.ts';
import { ExecutionCounter, type RuntimeMetrics } from './metrics.ts';
import {
  DEFAULT_CACHE,
  DEFAULT_LIMITS,
  limitsWithin,
  MAX_RESULT_BYTES,
  poolOptions,
  type RuntimeOptions,
  withDefaults,
} from './options.ts';
import { PoolError } from './pool-options.ts';
import { RunClock } from './run-clock.ts';
import { ScriptError } from './script-error.ts';
import { tell } from './tell.ts';
import type { ExecuteOptions, ExecutionOutcome, Limits, Program, ScriptSource } from './types.ts';
import { type Listener, type VM, VMLostError } from './vm.ts';
import { ProcessVMFactory } from './vm-factory.ts';
import { VMPool } from './vm-pool.ts';
import type { ToSandbox } from './wire/to-sandbox.ts';

/** Owner of programs that the embedding program compiled: no tenant can have this key, for none can know it. */
const NOBODY = randomUUID();

/** Starts a runtime: a pool of sandbox processes, and all it takes to run scripts in them. */
export function createRuntime(options: RuntimeOptions = {}): Runtime {
  return new Runtime(options);
}

/** Runs untrusted scripts, each in a context of its own inside a sandbox process. */
export class Runtime {
  readonly #limits: Limits;
  readonly #options: RuntimeOptions;
  readonly #processes: ContainedProcesses;
  readonly #factory: ProcessVMFactory;
  readonly #pool: VMPool;
  readonly #compiler: Compiler;
  readonly #limiter = new Limiter();
  readonly #counter = new ExecutionCounter();
  readonly #closing = new AbortController();

  constructor(options: RuntimeOptions = {}) {
    this.#options = options;
    this.#limits = limitsWithin(DEFAULT_LIMITS, options.limits);
    if (this.#limits.resultBytes > MAX_RESULT_BYTES) {
      throw new TypeError(`limits.resultBytes may be ${MAX_RESULT_BYTES} at most`);
    }
    this.#compiler = new Compiler(withDefaults(DEFAULT_CACHE, options.cache));
    const pool = poolOptions(options.pool);
    this.#processes = new ContainedProcesses(pool.seccomp, (reason) =>
      tell((event) => options.observer?.runsWithoutSeccomp?.(event), { reason }),
    );
    this.#factory = new ProcessVMFactory(this.#processes, this.#limits.memoryBytes);
    this.#pool = new VMPool(this.#factory, pool, (vm) => this.#limiter.release(vm));
  }

  /** Waits until a VM is warm. @throws PoolError if none can be started */
  async ready(): Promise<void> {
    await this.#pool.ready();
  }

  /** Whether warm VMs can serve now. */
  get isReady(): boolean {
    return !this.#closing.signal.aborted && this.#pool.isWarm;
  }

  /**
   * Runs a script to its end. Whatever the script does, this resolves: how it ended stands in the outcome. Params or a
   * context that are too long or nest too deep end as LimitsRefused.
   * @throws TypeError if `params` or `context` is no JSON, a limit is no number or a host function can't have its name; PoolError
   * after `close()`
   */
  async execute(script: string | ScriptSource | Program, options: ExecuteOptions = {}): Promise<ExecutionOutcome> {
    if (this.#closing.signal.aborted) throw new PoolError('the runtime is closed');
    const admission = { ceiling: this.#limits, tenants: this.#options.tenants ?? [] };
    const execution = new Execution(script, options, admission, this.#compiler);
    const verdict = execution.refusal ?? (await this.#waitAndRun(execution, options.signal));
    this.#counter.ended(verdict.reason);
    const clock = execution.clock ?? new RunClock(); // it never started
    return {
      ...verdict,
      logs: execution.logs.lines(),
      usage: execution.usage,
      startTime: clock.startTime,
      completionTime: clock.now(),
    };
  }

  /**
   * Parses a script without running it, for executions of any tenant.
   * @throws ScriptError if it does not compile or is too long
   */
  async compile(name: string, source: string): Promise<Program> {
    const program = this.#compiler.program({ name, source }, NOBODY);
    const tooLong = excess('the source', source, MAX_SOURCE_BYTES);
    if (tooLong !== undefined) throw new ScriptError('LimitsRefused', { message: tooLong });
    const { signal } = this.#closing;
    const vm = await this.#pool.get({ tenantKey: NOBODY, signal });
    const delivery = this.#compiler.deliver(program, vm);
    const message = { op: 'compile', id: vm.nextRequestId(), program: delivery.program } as const;
    const { verdict } = await this.#call({ vm, program, delivery, message, limits: this.#limits, signal });
    if (verdict.reason !== 'Completed') throw verdict.error ?? new PoolError('the runtime is closed');
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

  /** Cancels what runs and ends every sandbox process. Resolves when the last is gone. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#pool.close();
    await this.#processes.close();
    this.#limiter.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #waitAndRun(execution: Execution, ownSignal: AbortSignal | undefined): Promise<Verdict> {
    const closing = this.#closing.signal;
    const signal = ownSignal ? AbortSignal.any([ownSignal, closing]) : closing;
    this.#counter.pending++;
    let vm: VM;
    try {
      vm = await this.#pool.get({ tenantKey: execution.tenantKey, signal });
    } catch (error) {
      if (signal.aborted) return { reason: 'Cancelled' };
      return { reason: 'SandboxLost', error: new ScriptError('SandboxLost', { message: (error as Error).message }) };
    } finally {
      this.#counter.pending--;
    }
    this.#counter.running++;
    try {
      return await this.#run(execution, vm, signal);
    } finally {
      this.#counter.running--;
    }
  }

  async #run(execution: Execution, vm: VM, signal: AbortSignal): Promise<Verdict> {
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
    const onMessage: Listener = (message) => {
      if (message.op === 'log') execution.log(message.lines);
      if (message.op !== 'call') return;
      execution.apiCalls++;
      if (execution.hasTooManyCalls) return vm.kill();
      ended ??= new AbortController();
      call ??= { context, tenantKey, signal: ended.signal };
      const { signal: over } = ended;
      void host.call(message.name, message.args, call).then(({ ok, value }) => {
        if (!over.aborted) vm.send({ op: 'reply', id, call: message.call, ok, value });
      });
    };
    const delivery = this.#compiler.deliver(program, vm);
    const message = {
      op: 'run',
      id,
      program: delivery.program,
      ...execution.input,
      hostFunctions: host.names,
      maxResultBytes: limits.resultBytes,
    } as const;
    const request = { vm, program, delivery, message, limits, signal, onMessage, execution };
    const { verdict, end } = await this.#call(request);
    ended?.abort();
    const { answer, watch } = end;
    execution.usage = {
      cpuMilliseconds: rounded(cpuMsOf(end)),
      wallMilliseconds: rounded(end.wallMs),
      peakHeapBytes: Math.max(answer instanceof VMLostError ? 0 : answer.heapBytes, watch.peakGrowthBytes),
      apiCalls: Math.min(execution.apiCalls, limits.apiCalls),
    };
    return verdict;
  }

  /** Sends one request to a VM, watched; classifies its end, and gives the VM back to where it belongs. */
  async #call(request: VMCall): Promise<{ verdict: Verdict; end: CallEnd }> {
    const { vm, program, delivery, message, limits, signal, onMessage, execution } = request;
    vm.use();
    if (delivery.typescript) {
      this.#factory.preloadsTypeScript = true;
      await vm.loadTypeScript().catch(() => {}); // a lost VM is noticed by the request that follows
    }
    const clock = new RunClock();
    if (execution !== undefined) execution.clock = clock;
    const watch = this.#limiter.start(vm, limits, signal);
    const listener: Listener = (event, blob) => {
      if (event.op === 'compiled') this.#compiler.store(program, vm, event, blob);
      else onMessage?.(event, blob);
    };
    let clean = false;
    let answer: CallEnd['answer'];
    try {
      const done = await vm.request(message, listener, delivery.blob);
      if (done.op !== 'done') throw new VMLostError('it gave another answer than was asked for');
      clean = done.clean;
      answer = { report: done.report, cpuMs: done.cpuMicroseconds / 1000, heapBytes: done.heapBytes };
    } catch (error) {
      answer = error as VMLostError;
    }
    const wallMs = clock.elapsedMs;
    const report = watch.stop();
    const tooManyCalls = execution?.hasTooManyCalls ?? false;
    const end: CallEnd = { answer, watch: report, wallMs, tooManyCalls };
    const verdict = classify(end, limits);
    this.#compiler.settle(program, vm, answer instanceof VMLostError || answer.report.kind !== 'syntax');
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
  readonly program: Program;
  readonly delivery: Delivery;
  readonly message: ToSandbox & { id: number };
  readonly limits: Limits;
  readonly signal: AbortSignal;
  readonly onMessage?: Listener;
  /** Left out where no script runs. */
  readonly execution?: Execution;
}

/** What the sandbox says, unless the kernel has counted more than its steps of 10 ms explain. */
const cpuMsOf = ({ answer, watch }: CallEnd): number =>
  answer instanceof VMLostError ? watch.cpuMs : Math.max(answer.cpuMs, watch.cpuMs - 10);

const rounded = (milliseconds: number): number => Math.round(milliseconds * 1000) / 1000;
