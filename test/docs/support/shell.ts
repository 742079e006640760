import { type ChildProcess, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { eventually, until } from '../../support/until.ts';
import type { DocumentedCommand } from './commands.ts';
import { isShown } from './output.ts';
import { ROOT } from './pages.ts';

/** How long a command may take: far more than it takes on a busy machine. */
const COMMAND_MS = 300_000;
/** How long a cluster may take to come to what the page shows of it. */
const SETTLING_MS = 90_000;
/** How long a shell lives, whatever its test does. */
const SHELL_SECONDS = 900;
/** Not linked into the folder: what commands write, or what is large and theirs. */
const NOT_LINKED = ['.git', 'node_modules', 'package.json', 'package-lock.json'];

export interface ShellOptions {
  /** Directories in front of the PATH. */
  readonly path?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Port that stands in for 8080, which may be taken. */
  readonly port?: number;
  /** Names of the page, and what stands for them here. */
  readonly names?: Readonly<Record<string, string>>;
}

/**
 * A shell in a temporary folder that looks like a checkout after `make build`: commands see the files of the repository,
 * `npx copepod` and `kubectl copepod` are the built command, and what they write stays in the folder.
 */
export class Shell implements AsyncDisposable {
  readonly #temporary = mkdtempSync(join(tmpdir(), 'copepod-docs-'));
  readonly folder = join(this.#temporary, 'copepod');
  readonly #port: string;
  readonly #child: ChildProcess;
  /** Names that the page shows, and those that were drawn for them here. */
  readonly #names = new Map<string, string>();
  #text = '';
  #count = 0;

  constructor({ path = [], env = {}, port = 8080, names = {} }: ShellOptions = {}) {
    this.#port = String(port);
    for (const [name, here] of Object.entries(names)) this.#names.set(name, here);
    mkdirSync(this.folder);
    for (const name of readdirSync(ROOT)) {
      if (!NOT_LINKED.includes(name)) symlinkSync(join(ROOT, name), join(this.folder, name));
    }
    const bin = join(this.folder, 'node_modules/.bin');
    mkdirSync(bin, { recursive: true });
    symlinkSync(ROOT, join(this.folder, 'node_modules/copepod'));
    for (const name of ['copepod', 'kubectl-copepod', 'kubectl_complete-copepod']) this.#program(join(bin, name));
    writeFileSync(join(this.folder, 'package.json'), '{ "private": true }\n');
    const PATH = [bin, dirname(process.execPath), ...path, process.env.PATH].join(delimiter);
    const { FORCE_COLOR: _, NODE_OPTIONS: __, ...inherited } = process.env;
    this.#child = spawn('timeout', ['-k', '5', String(SHELL_SECONDS), 'bash', '--noprofile', '--norc'], {
      cwd: this.folder,
      env: { ...inherited, npm_config_offline: 'true', npm_config_prefix: join(this.folder, 'prefix'), ...env, PATH },
      stdio: ['pipe', 'pipe', 'ignore'],
      detached: true,
    });
    this.#child.stdin?.on('error', () => {});
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#text += text;
    });
    this.#child.stdin?.write('exec 2>&1\n');
  }

  /** A link would do for the command alone, but the plugin is known by the name that it is started under. */
  #program(path: string): void {
    symlinkSync(join(ROOT, 'dist/cli/main.js'), path);
  }

  /** Writes a file of the page. */
  write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), this.#here(text));
  }

  /** Runs a command of a page. Throws where it does not do what the page says. */
  async run(command: DocumentedCommand): Promise<void> {
    if (command.directory !== undefined) this.#child.stdin?.write(`cd ${join(this.folder, command.directory)}\n`);
    if (command.isServer || command.output.includes('^C')) return await this.#interrupted(command);
    if (!command.isRead || command.output.length === 0) return await this.#once(command);
    await eventually(() => this.#once(command), SETTLING_MS);
  }

  /** Runs a command to its end. */
  async #once({ at, text, output, exitCode }: DocumentedCommand): Promise<void> {
    const mark = `copepod-docs-${++this.#count}`;
    const before = this.#text.length;
    // The shell reads its commands from its standard input, so these must not.
    this.#child.stdin?.write(`{\n${this.#here(text)}\n} </dev/null\nprintf '\\n%s %s\\n' ${mark} $?\n`);
    const pattern = new RegExp(`\\n${mark} (\\d+)\\n`);
    const why = (): string => `${at}: ${text}\n${this.#text.slice(before)}`;
    const ended = (): RegExpExecArray | undefined => {
      if (this.#child.exitCode !== null) throw new Error(`the shell has ended\n${why()}`);
      return pattern.exec(this.#text.slice(before)) ?? undefined;
    };
    const found = await until('a command to end', ended, { withinMs: COMMAND_MS, why });
    const printed = this.#text.slice(before, before + found.index);
    if (Number(found[1]) !== exitCode)
      throw new Error(`${at}: ${text}\nexit code ${found[1]}, not ${exitCode}\n${printed}`);
    if (!this.#isShown(output, printed)) throw new Error(mismatch(at, text, output, printed));
  }

  /**
   * Starts a command that does not end, and waits for what the page shows of it, or else for its first line. Where the
   * page shows `^C`, it is then interrupted, and has to print what is below.
   */
  async #interrupted({ at, text, output }: DocumentedCommand): Promise<void> {
    const log = join(this.folder, `running-${++this.#count}.log`);
    writeFileSync(log, '');
    const [process, end] = [`${log}.pid`, `${log}.end`];
    const command = withoutComment(this.#here(text)) + this.#portOption(text);
    this.#child.stdin?.write(
      `{ ${command} & echo $! >${process}; wait $!; touch ${end}; } >${log} 2>&1 </dev/null &\n`,
    );
    const printed = (): string => readFileSync(log, 'utf8');
    const interrupt = output.indexOf('^C');
    const first = interrupt === -1 ? output : output.slice(0, interrupt);
    const why = (): string => mismatch(at, text, output, printed());
    const isThere = (): boolean => {
      if (existsSync(end)) throw new Error(`it has ended\n${why()}`);
      return first.length === 0 ? printed().includes('\n') : this.#isShown(first, printed());
    };
    await until('a command to say that it runs', isThere, { withinMs: COMMAND_MS, why });
    if (interrupt === -1) return;
    this.#child.stdin?.write(`kill -INT $(cat ${process})\n`);
    await until('an interrupted command to end', () => existsSync(end), { withinMs: COMMAND_MS, why });
    const all = output.filter((line) => line !== '^C');
    if (!this.#isShown(all, printed())) throw new Error(why());
  }

  /** Compares, and learns what drawn names of the page are called here. */
  #isShown(shown: readonly string[], printed: string): boolean {
    if (shown.length === 0) return true;
    if (
      !isShown(
        shown.map((line) => this.#here(line)),
        printed,
      )
    )
      return false;
    const drawn = (text: string): string[] => [...text.matchAll(/\S+-[a-z0-9]{5}(?= created)/g)].map(([name]) => name);
    const here = drawn(printed);
    for (const [index, name] of drawn(shown.join('\n')).entries()) this.#names.set(name, here[index] ?? name);
    return true;
  }

  /** A text of the page with what stands here for names that were drawn, and for the port. */
  #here(text: string): string {
    let result = text.replaceAll('8080', this.#port);
    for (const [name, here] of this.#names) {
      const [from = '', to = ''] = [name, here].map((each) => each.split('/').at(-1) ?? '');
      result = result.replaceAll(from, to);
    }
    return result;
  }

  /** To the shell and all commands that it has started. */
  #signal(signal: NodeJS.Signals): void {
    try {
      process.kill(-(this.#child.pid ?? 0), signal);
    } catch {
      // They are gone.
    }
  }

  #portOption(text: string): string {
    return /copepod gateway/.test(text) ? ` --port ${this.#port}` : '';
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gone = new Promise((resolve) => this.#child.once('close', resolve));
    this.#signal('SIGTERM');
    await Promise.race([gone, new Promise((resolve) => setTimeout(resolve, 20_000).unref())]);
    this.#signal('SIGKILL');
    rmSync(this.#temporary, { recursive: true, force: true });
  }
}

const mismatch = (at: string, text: string, output: readonly string[], printed: string): string =>
  `${at}: ${text}\nThe page shows:\n${output.join('\n')}\nIt printed:\n${printed}`;

/** A command without the comment behind it. */
const withoutComment = (text: string): string => text.replace(/ +# .*$/, '');
