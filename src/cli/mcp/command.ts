import { Console } from 'node:console';
import type { JsonObject } from '../../api/json.ts';
import type { ScriptRuntime } from '../../api/types.generated.ts';
import { UsageError } from '../../api/usage-error.ts';
import { type LocalExecutor, localExecutor } from '../../gateway/local/local-executor.ts';
import { serveMcpStdio } from '../../gateway/local/stdio.ts';
import { textLog } from '../../gateway/local/text-log.ts';
import { EXIT } from '../exit-code.ts';
import { localHost } from '../input/local-host.ts';
import { readLocalObjects } from '../input/local-objects.ts';
import { problemsCount, problemsText, warningsText } from '../output/problems.ts';
import { terminalStyle } from '../output/style.ts';
import { packageVersion } from '../package-version.ts';
import { interruptible } from '../run/interrupt.ts';
import { readOverrides } from '../run/option-values.ts';

export interface McpCommandOptions {
  readonly namespace: string;
  readonly runtime?: string;
  readonly hostFunctions?: string;
  readonly contextFile?: string;
}

/** Calls wait so long for a VM. */
const MAX_WAIT_MS = 60_000;

/** `copepod mcp`: serves one MCP client on standard input and output. Returns the exit code. */
export async function mcpCommand(names: readonly string[], options: McpCommandOptions): Promise<number> {
  const { contextFile, hostFunctions, namespace } = options;
  if (names.includes('-')) throw new UsageError('standard input is for the MCP client', 'name a file or a directory');
  // Standard output is the protocol's: what a module of host functions prints would be read as messages.
  globalThis.console = new Console(process.stderr);
  const objects = await readLocalObjects(names, namespace);
  const context = await readContext(contextFile);
  if (objects === undefined || context === undefined) return EXIT.usage;
  const host = await localHost(hostFunctions);
  const log = textLog(process.stderr);
  const interrupt = interruptible();
  interrupt.handleSignals();
  const local = localExecutor(objects, { host, maxWaitMs: MAX_WAIT_MS, log });
  try {
    const runtime = chosenRuntime(local, options);
    const { name } = runtime.metadata;
    log.write('info', `MCP on standard input and output, for ScriptRuntime ${runtime.metadata.namespace}/${name}`);
    if (process.stdin.isTTY) {
      log.write('info', "a client starts this command itself: 'copepod mcp --help' says how; Ctrl-D ends it");
    }
    await serveMcpStdio({
      local,
      runtime,
      context: { ...context, execution: { type: 'embedded', triggeredBy: 'api', ...(context.execution as object) } },
      version: packageVersion(),
      input: process.stdin,
      output: process.stdout,
      signal: interrupt.signal,
      onError: (error) => log.write('warn', error instanceof Error ? error.message : String(error)),
    });
  } finally {
    await local.close();
  }
  return EXIT.ok;
}

/** The runtime that is named; else the only one of the files; without any, the default one. @throws UsageError */
function chosenRuntime({ runtimes }: LocalExecutor, { runtime: name, namespace }: McpCommandOptions): ScriptRuntime {
  const keys = [...runtimes.keys()];
  const own = keys.filter((key) => key !== 'default/default');
  const key = name === undefined ? (own[0] ?? 'default/default') : `${namespace}/${name}`;
  const runtime = runtimes.get(key);
  if (name === undefined && own.length > 1) {
    throw new UsageError(`there are ${own.length} ScriptRuntimes: ${own.join(', ')}`, 'choose one with --runtime NAME');
  }
  if (runtime === undefined) throw new UsageError(`--runtime: there is no ${key}`, `there is ${keys.join(', ')}`);
  return runtime;
}

/** The context of a file; undefined where it is invalid, and that has been said. */
async function readContext(contextFile: string | undefined): Promise<JsonObject | undefined> {
  if (contextFile === undefined) return {};
  const { overrides, problems, warnings } = await readOverrides({ contextFile });
  process.stderr.write(warningsText(warnings, terminalStyle(process.stderr)));
  if (problems.length === 0) return overrides.context ?? {};
  process.stderr.write(problemsText(problems, terminalStyle(process.stderr)));
  process.stderr.write(`copepod: ${problemsCount(problems)}: nothing is served\n`);
  return undefined;
}
