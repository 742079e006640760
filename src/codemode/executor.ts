import type { ContextInput } from '../runtime/context.ts';
import { type HostBridge, HostError } from '../runtime/host-bridge.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { ScriptError } from '../runtime/script-error.ts';
import type { ExecutionOutcome, Limits, LogLine, Program } from '../runtime/types.ts';
import { type CodeForm, codeForms } from './code-forms.ts';
import { toolIdentifier } from './tool-names.ts';
import type { ExecuteResult, Executor, ExecutorOptions, ResolvedProvider, ToolFunctions } from './types.ts';

export interface CopepodExecutorOptions {
  /** Where the code runs; it is the caller's to close. */
  readonly runtime: Runtime;
  /** Whom the code runs for. */
  readonly context?: ContextInput;
  /** Code of different keys never shares a process; `context.tenant.id` where it is left out. */
  readonly tenantKey?: string;
  /** Lowers the runtime's limits. */
  readonly limits?: Partial<Limits>;
  /** Cancels all code of this executor. */
  readonly signal?: AbortSignal;
}

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;
const PREFIX: Readonly<Partial<Record<LogLine['level'], string>>> = { warn: '[warn] ', error: '[error] ' };

/**
 * Runs the code of a model in a contained V8 isolate: an `Executor` for `@cloudflare/codemode`. The tools are host functions:
 * they run in this process, take and give JSON, and each call counts as `limits.apiCalls`.
 */
export class CopepodExecutor implements Executor {
  readonly #options: CopepodExecutorOptions;

  constructor(options: CopepodExecutorOptions) {
    this.#options = options;
  }

  /**
   * Runs code: a function, statements or a module, in JavaScript or TypeScript. Never rejects; what goes wrong is `error`.
   * @param providersOrFns tools by namespace; as plain functions they are in `codemode`
   */
  async execute(
    code: string,
    providersOrFns: ResolvedProvider[] | ToolFunctions,
    options: ExecutorOptions = {},
  ): Promise<ExecuteResult> {
    const { runtime, ...given } = this.#options;
    const providers = Array.isArray(providersOrFns) ? providersOrFns : [{ name: 'codemode', fns: providersOrFns }];
    const tools = toolsOf(providers, options);
    if (typeof tools === 'string') return { result: undefined, error: tools };
    try {
      const found = await this.#compile(code);
      if ('error' in found) return { result: undefined, error: found.error };
      const setup = (host: HostBridge): void => {
        for (const [name, tool] of tools) host.expose(name, (_call, ...args) => called(tool, args));
      };
      return resultOf(await runtime.execute(found.program, { ...given, setup }), found.form);
    } catch (error) {
      return { result: undefined, error: messageOf(error) };
    }
  }

  /** The first form that compiles; else the error of the code as it is. */
  async #compile(code: string): Promise<{ program: Program; form: CodeForm } | { error: string }> {
    let error = '';
    for (const form of codeForms(code)) {
      try {
        const { source } = form;
        const program = await this.#options.runtime.compile({ source, name: 'code.ts', language: 'TypeScript' });
        return { program, form };
      } catch (reason) {
        if (!(reason instanceof ScriptError) || reason.reason !== 'CompilationError') throw reason;
        if (form.linesBefore === 0) error = errorText(reason, form);
      }
    }
    return { error };
  }
}

type Tool = ToolFunctions[string];

/** The tools by the names that code calls them by, or why there are none. */
function toolsOf(
  providers: readonly ResolvedProvider[],
  { connectors = [] }: ExecutorOptions,
): ReadonlyMap<string, Tool> | string {
  if (connectors.length > 0) return 'Connectors are bindings of Workers: Copepod has none. Give tools as providers';
  const tools = new Map<string, Tool>();
  const names = new Set<string>();
  for (const { name, fns, prelude } of providers) {
    if (!IDENTIFIER.test(name)) return `Provider name "${name}" is not a valid JavaScript identifier`;
    if (names.has(name)) return `Duplicate provider name "${name}"`;
    if (prelude !== undefined) return `Provider "${name}" has a prelude, which Copepod does not run`;
    names.add(name);
    for (const [tool, fn] of Object.entries(fns)) {
      const called = `${name}.${toolIdentifier(tool)}`;
      if (tools.has(called)) return `Two tools of provider "${name}" are called as ${called}`;
      tools.set(called, fn);
    }
  }
  return tools;
}

/** A tool's message is for the model: what a tool must not tell, it must not throw. */
async function called(tool: Tool, args: unknown[]): Promise<never> {
  try {
    return (await tool(...args)) as never;
  } catch (error) {
    throw new HostError(messageOf(error));
  }
}

function resultOf({ result, error, reason, logs }: ExecutionOutcome, form: CodeForm): ExecuteResult {
  const lines = logs.map(({ level, message }) => `${PREFIX[level] ?? ''}${message}`);
  if (reason === 'Completed') return { result, logs: lines };
  return { result: undefined, error: error === undefined ? reason : errorText(error, form), logs: lines };
}

function errorText({ message, line, column }: ScriptError, { linesBefore }: CodeForm): string {
  return line === undefined ? message : `${message} (line ${Math.max(1, line - linesBefore)}, column ${column})`;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
