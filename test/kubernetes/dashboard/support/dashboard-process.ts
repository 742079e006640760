import { Command } from '../../../integration/support/cli.ts';
import { Plugin } from '../../kubectl/support/plugin.ts';

/** A running `copepod dashboard` with the rights of a user. */
export class DashboardProcess {
  /** The URL that it has printed. */
  readonly url: string;
  readonly #command: Command;
  readonly #plugin: Plugin | undefined;

  private constructor(command: Command, url: string, plugin?: Plugin) {
    this.#command = command;
    this.url = url;
    this.#plugin = plugin;
  }

  /**
   * Starts it as a user would.
   * @param token of the user; that of the administrator where left out
   */
  static async start(namespace: string, { token, args = [] }: { token?: string; args?: string[] } = {}) {
    const plugin = new Plugin(namespace, token);
    const command = plugin.start(['dashboard', ...args]);
    return new DashboardProcess(command, await urlOf(command), plugin);
  }

  /** Starts it as a pod does: with nothing but the address and the certificates of the API server. */
  static async startForViewers(env: Readonly<Record<string, string>>, args: readonly string[]) {
    const command = new Command(['dashboard', '--auth', 'Bearer', ...args], { env });
    return new DashboardProcess(command, await urlOf(command));
  }

  get origin(): string {
    return new URL(this.url).origin;
  }

  /** The token of its URL; of a dashboard on this machine. */
  get token(): string {
    return new URL(this.url).hash.replace('#token=', '');
  }

  /** Ends it, and returns its exit code. */
  async stop(): Promise<number | null> {
    this.#command.child.kill('SIGTERM');
    const { code } = await this.#command.ended;
    this.#plugin?.[Symbol.dispose]();
    return code;
  }
}

async function urlOf(command: Command): Promise<string> {
  await command.waitFor(/http:\/\/\S+\s/);
  return /http:\/\/\S+/.exec(command.stdout)?.[0] ?? '';
}
