import { isForTenant } from '../api/for-tenant.ts';
import { nestsTooDeep, textNestsTooDeep, tooDeepMessage } from '../api/json-depth.ts';
import type { EndReason } from '../api/outcome.ts';
import { filesExcess } from '../api/script-files.ts';
import type { Verdict } from './classify.ts';
import type { Compiler } from './compiler.ts';
import { completeContext, type ExecutionContext } from './context.ts';
import type { Environment, Environments } from './env/environments.ts';
import { LogRedactor } from './env/log-redactor.ts';
import type { Redactor } from './env/redactor.ts';
import { HostFunctions } from './host-calls.ts';
import { LogBuffer } from './log-buffer.ts';
import { limitsWithin, MAX_CONTEXT_BYTES, MAX_PARAMS_BYTES, refusals } from './options.ts';
import { RequestBody } from './request-body.ts';
import type { RunClock } from './run-clock.ts';
import { RunSpans } from './run-spans.ts';
import { ScriptError } from './script-error.ts';
import type { OfferedTool } from './tools/tools.ts';
import type { ExecuteOptions, Limits, Program, ScriptSource, Usage } from './types.ts';
import { requestExcess, WebExchange, type WebRequest } from './web-exchange.ts';
import type { LogEntry } from './wire/from-sandbox.ts';
import { isBeyondLogBudget, type LogAmount } from './wire/log-budget.ts';

/** What a runtime admits. */
export interface Admission {
  readonly ceiling: Limits;
  /** Tenant ids; empty: any. */
  readonly tenants: readonly string[];
}

/** What a script is given, as JSON text. */
interface Input {
  readonly params: string;
  readonly context: string;
  /** Empty: an empty object. */
  readonly env: string;
}

/** One execution, from what was asked to what it has used. */
export class Execution {
  /** From when the script starts. */
  clock: RunClock | undefined;
  readonly context: ExecutionContext;
  readonly tenantKey: string;
  readonly limits: Limits;
  /** Replaced by one with all of its files where those are read as they are imported. */
  program: Program;
  readonly input: Input;
  readonly logs: LogBuffer;
  readonly host = new HostFunctions();
  /** Tools that its code mentions. */
  tools: readonly OfferedTool[] = [];
  /** Keeps the values of Secrets that the execution is given out of all that it says. */
  readonly redactor: Redactor;
  readonly #logRedactor: LogRedactor;
  /** Why it may not start, if it may not. */
  readonly refusal: Verdict | undefined;
  apiCalls = 0;
  /** The supervisor has ended it for what it sent and received. */
  hasTooManyFetchBytes = false;
  readonly onFetch: ExecuteOptions['onFetch'];
  /** Undefined: the execution is not traced. */
  readonly spans: RunSpans | undefined;
  /** The request that a web handler is to answer. */
  readonly request: WebRequest | undefined;
  readonly exchange: WebExchange | undefined;
  /** Its body, where that arrives while the script runs. */
  readonly requestBody: RequestBody | undefined;
  /** Name of the module that stays evaluated. */
  readonly module: string | undefined;
  #logged: LogAmount = { lines: 0, length: 0 };
  usage: Usage = { cpuMilliseconds: 0, wallMilliseconds: 0, peakHeapBytes: 0, apiCalls: 0 };

  /** @throws TypeError if `params` or `context` is no JSON, a limit no number, or `setup` exposes what it can't */
  constructor(
    script: string | ScriptSource | Program,
    options: ExecuteOptions,
    admission: Admission,
    { compiler, environments }: { readonly compiler: Compiler; readonly environments: Environments },
  ) {
    this.context = completeContext(options.context);
    this.tenantKey = options.tenantKey ?? this.context.tenant.id;
    this.limits = limitsWithin(admission.ceiling, options.limits);
    this.logs = new LogBuffer(this.limits.logsBytes, options.onLog);
    this.program = programOf(script, compiler);
    const params = inputText('params', options.params === undefined ? {} : options.params, MAX_PARAMS_BYTES);
    const context = inputText('context', this.context, MAX_CONTEXT_BYTES);
    const environment = environments.of(options.env, this.context.tenant.id);
    this.input = { params: params.json, context: context.json, env: environment.json };
    this.redactor = environment.redactor;
    this.#logRedactor = new LogRedactor(environment.redactor);
    this.onFetch = options.onFetch;
    this.spans = options.trace?.isSampled ? new RunSpans(options.trace) : undefined;
    this.request = options.serve?.request;
    this.module = options.serve?.module;
    const { body } = this.request ?? {};
    this.requestBody = body === undefined || body instanceof Uint8Array ? undefined : new RequestBody(body);
    this.exchange = options.serve && new WebExchange(options.serve.respond);
    options.setup?.(this.host);
    const tooMuch = params.excess ?? context.excess ?? (this.request && requestExcess(this.request));
    this.refusal = refuse(this, options.limits ?? {}, admission, tooMuch) ?? refuseEnvironment(environment);
  }

  /** Takes lines of the sandbox's log. @throws TypeError for more than a sandbox sends, unless it has been taken over */
  log(lines: readonly LogEntry[]): void {
    if (this.clock === undefined) return;
    this.#logged = {
      lines: this.#logged.lines + lines.length,
      length: lines.reduce((sum, { message }) => sum + message.length, this.#logged.length),
    };
    if (isBeyondLogBudget(this.#logged, this.clock.elapsedMs)) throw new TypeError('a log beyond its budget');
    this.logs.add(this.#logRedactor.add(lines), this.clock);
  }

  /** The sandbox logs nothing more. */
  endLog(): void {
    if (this.clock !== undefined) this.logs.add(this.#logRedactor.flush(), this.clock);
  }

  /** Executions of different keys never share a VM: a module that stays evaluated shares one with no other. */
  get vmKey(): string {
    return this.module === undefined ? this.tenantKey : JSON.stringify([this.tenantKey, this.module, this.program.key]);
  }

  /** The call was one too many. */
  get hasTooManyCalls(): boolean {
    return this.apiCalls > this.limits.apiCalls;
  }
}

function programOf(script: string | ScriptSource | Program, compiler: Compiler): Program {
  if (typeof script === 'string') return compiler.program({ source: script });
  requireSource(script);
  return isProgram(script) ? script : compiler.program(script);
}

/** @throws TypeError for what is no script: programs in JavaScript may give anything */
export function requireSource(script: unknown): void {
  if (typeof (script as ScriptSource | null | undefined)?.source !== 'string') {
    throw new TypeError('the script must be a string, an object with a string as source, or what compile() gives');
  }
}

const isProgram = (script: ScriptSource | Program): script is Program => 'key' in script;

function refuse(
  execution: Execution,
  asked: Partial<Limits>,
  admission: Admission,
  inputExcess: string | undefined,
): Verdict | undefined {
  const tenant = execution.context.tenant.id;
  if (!isForTenant(admission, tenant)) {
    return refused('TenantRefused', `this runtime does not admit tenant '${tenant}'`);
  }
  const tooMuch = refusals(asked, admission.ceiling);
  if (tooMuch.length > 0) return refused('LimitsRefused', tooMuch.join('; '));
  const tooMuchInput = filesExcess(execution.program) ?? inputExcess;
  return tooMuchInput === undefined ? undefined : refused('LimitsRefused', tooMuchInput);
}

function refuseEnvironment({ problem }: Environment): Verdict | undefined {
  if (problem === undefined) return undefined;
  return refused(problem.kind === 'missing' ? 'EnvNotFound' : 'LimitsRefused', problem.message);
}

/**
 * What a script is to be given, as the JSON text that is sent; with what to say where that is too much. The text is judged
 * and not the value, for a `toJSON` or a getter may give anything.
 *
 * @throws TypeError if it is no JSON
 */
function inputText(what: string, value: unknown, maxBytes: number): { json: string; excess?: string | undefined } {
  let json: string | undefined;
  try {
    json = JSON.stringify(value);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    // V8 writes JSON by recursion, into one string: it has run out of the one or the other.
    return {
      json: 'null',
      excess: nestsTooDeep(value) ? tooDeepMessage(what) : `${what} is too long to be written as JSON`,
    };
  }
  if (json === undefined) throw new TypeError(`${what} must be a JSON value`);
  return { json, excess: textNestsTooDeep(json) ? tooDeepMessage(what) : excess(what, json, maxBytes) };
}

/** What to say of a text that is too long; undefined if it is not. */
export function excess(what: string, text: string, maxBytes: number): string | undefined {
  const bytes = Buffer.byteLength(text);
  return bytes > maxBytes ? `${what} has ${bytes} bytes; at most ${maxBytes} are taken` : undefined;
}

function refused(reason: EndReason, message: string): Verdict {
  return { reason, error: new ScriptError(reason, { message }) };
}
