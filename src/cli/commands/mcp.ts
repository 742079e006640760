import type { Command } from 'commander';
import type { McpCommandOptions } from '../mcp/command.ts';
import { namespaceOption } from './options.ts';
import type { SetExitCode } from './set-exit-code.ts';

const AFTER = `
An MCP client (an agent) starts this command and talks to it. There is one tool, 'execute': it takes TypeScript or
JavaScript, executes it in a sandbox as 'copepod run' does, and returns result, logs, error and usage. Its description
tells the model what the code can call: the host functions with their types, env, what fetch reaches, imports.
Nothing is kept between calls. A call that its client cancels, and all calls of a client that is gone, are cancelled.

  In a client's configuration:
  { "mcpServers": { "copepod": { "command": "npx", "args": ["copepod", "mcp", "/path/to/runtime.yaml"] } } }

'copepod gateway' serves the same tool over HTTP, at /mcp/NAMESPACE/RUNTIME.

Exit codes:
  0    the client has closed its end, or SIGINT, SIGTERM
  2    bad usage, or an invalid manifest

Examples:
  copepod mcp
  copepod mcp runtimes.yaml --runtime agents --host-functions host-functions.mjs
`;

/** Adds `copepod mcp`. */
export function addMcp(program: Command, setExitCode: SetExitCode): Command {
  return program
    .command('mcp')
    .description('let an agent execute code in sandboxes of this machine (Model Context Protocol)')
    .argument('[FILE|DIR...]', 'manifests with ScriptRuntimes, and the ConfigMaps and Secrets that they refer to')
    .addOption(namespaceOption())
    .option('--runtime <name>', 'ScriptRuntime to use (default: the only one of the files, or one with defaults)')
    .option('--host-functions <file>', "ES module whose exports the code can call (see 'copepod run --help')")
    .option('--context-file <file>', 'context as JSON or YAML: the tenant, the user')
    .helpOption('-h, --help', 'show this help')
    .addHelpText('after', AFTER)
    .action(async (files: readonly string[], options: McpCommandOptions) => {
      const { mcpCommand } = await import('../mcp/command.ts');
      setExitCode(await mcpCommand(files, options));
    });
}
