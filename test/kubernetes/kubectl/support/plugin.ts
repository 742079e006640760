import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { findBinaries } from '../../../api-server/binaries.ts';
import { currentConnection } from '../../../api-server/connection.ts';
import { CLI, Command, type CommandEnd, type CommandOptions } from '../../../integration/support/cli.ts';

/** `kubectl-copepod` on a path, with a kubeconfig whose context names a namespace. Deleted when disposed. */
export class Plugin implements Disposable {
  readonly directory = mkdtempSync(join(tmpdir(), 'copepod-plugin-'));
  readonly path = join(this.directory, 'kubectl-copepod');
  readonly kubeconfig = join(this.directory, 'kubeconfig');

  /** @param token of another user; that of the administrator where left out */
  constructor(namespace: string, token?: string) {
    symlinkSync(CLI, this.path);
    symlinkSync(CLI, join(this.directory, 'kubectl_complete-copepod'));
    const config = JSON.parse(readFileSync(join(currentConnection().directory, 'kubeconfig'), 'utf8')) as {
      contexts: { context: { namespace?: string } }[];
      users: { user: object }[];
    };
    for (const { context } of config.contexts) context.namespace = namespace;
    if (token !== undefined) for (const each of config.users) each.user = { token };
    writeFileSync(this.kubeconfig, JSON.stringify(config), { mode: 0o600 });
  }

  /** Starts a command. */
  start(args: readonly string[], options: CommandOptions = {}): Command {
    const env = { KUBECONFIG: this.kubeconfig, ...options.env };
    return new Command(args, { cwd: this.directory, ...options, env, program: this.path });
  }

  /** Runs a command to its end. */
  async run(args: readonly string[], options?: CommandOptions): Promise<CommandEnd> {
    return await this.start(args, options).ended;
  }

  /** What kubectl prints, with the plugin on its PATH. */
  async kubectl(...args: readonly string[]): Promise<string> {
    const PATH = [dirname(process.execPath), this.directory, process.env.PATH].join(delimiter);
    const env = { ...process.env, PATH, KUBECONFIG: this.kubeconfig, NODE_OPTIONS: '' };
    return await new Promise((resolve) => {
      execFile(join(findBinaries(), 'kubectl'), args, { env }, (_, stdout, stderr) => resolve(stdout + stderr));
    });
  }

  /** Writes a file beside it; returns its name. */
  write(name: string, text: string): string {
    writeFileSync(join(this.directory, name), text);
    return name;
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
