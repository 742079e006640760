import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { ProcessEnd, SandboxProcess, SandboxProcesses } from './sandbox-process.ts';
import type { SandboxKind } from './wire/zygote.ts';

const MAX_STDERR_BYTES = 4096;
/** How long a process that has ended is listened to. */
const DRAIN_MS = 100;

/** The sandbox's code as it was built: the same from the sources and from dist/. */
export const SANDBOX_DIR = fileURLToPath(new URL('../../dist/sandbox', import.meta.url));

/** Starts each sandbox as a Node process of its own: no environment, Node's permission model, ended with the supervisor. */
export class SpawnedProcesses implements SandboxProcesses {
  async start(kind: SandboxKind, memoryMb: number): Promise<SandboxProcess> {
    const [file, ...args] = contained([
      ...nodeFlags(codeOf(kind)),
      // Given up again before the process makes its isolate (sandbox/start.ts).
      '--allow-ffi',
      join(SANDBOX_DIR, 'start.cjs'),
      addonFile(),
      codeOf(kind),
      kind,
      `${memoryMb}`,
    ]);
    return new SpawnedProcess(
      spawnWithStreams(file, args, { env: {}, cwd: '/', stdio: ['ignore', 'ignore', 'pipe', 'pipe'], detached: true }),
    );
  }

  async close(): Promise<void> {}
}

/** A child process whose descriptor 3 is its socket. */
export class SpawnedProcess implements SandboxProcess {
  readonly pid: number;
  readonly socket: Duplex;
  readonly ended: Promise<ProcessEnd>;
  readonly isForked = false;
  readonly isOutdated = false;
  readonly #process: ChildProcess;
  #stderr = '';

  constructor(process: ChildProcess) {
    this.#process = process;
    this.pid = process.pid ?? 0;
    this.socket = process.stdio[3] as Duplex;
    process.stderr?.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString('latin1')).slice(-MAX_STDERR_BYTES);
    });
    this.ended = new Promise((resolve) => {
      const end = (detail: string, signal?: string): void => {
        process.stderr?.destroy();
        resolve({ detail, signal, stderr: this.#stderr });
      };
      // A signal that could not be sent is such an event too, and ends nothing.
      process.on('error', (error: NodeJS.ErrnoException) => {
        if (process.pid === undefined) end(`it could not be started (${error.code})`);
      });
      const endOf = (code: number | null, signal: NodeJS.Signals | null): void =>
        signal === null ? end(`exit code ${code}`) : end(`signal ${signal}`, signal);
      // What it has said is read to the end, but not for ever: a process it left behind may hold on to its streams.
      process.once('exit', (...how) => {
        const timer = setTimeout(endOf, DRAIN_MS, ...how);
        process.once('close', () => clearTimeout(timer));
      });
      process.once('close', endOf);
    });
  }

  kill(): void {
    const { exitCode, signalCode } = this.#process;
    try {
      // It leads a group of its own: what it may have started in spite of everything ends with it.
      if (exitCode === null && signalCode === null && this.pid > 0) process.kill(-this.pid, 'SIGKILL');
    } catch {
      // no group of that id: it is not up yet, or no more
    }
    this.#process.kill('SIGKILL');
  }
}

/**
 * Starts a process. Where this one can open no more files, Node gives a process without streams, whose error would be
 * nobody's and end this program. @throws Error then
 */
export function spawnWithStreams(file: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  const started = spawn(file, args, options);
  if ((started.stdio as ChildProcess['stdio'] | undefined) !== undefined) return started;
  started.once('error', () => {});
  throw new Error('too many files are open in this process: its limit of open files (RLIMIT_NOFILE) is too low');
}

/** The file of a kind's bundle. What V8 alone compiles is compiled by the code that runs scripts, which is up first. */
export const codeOf = (kind: SandboxKind): string => join(SANDBOX_DIR, `${kind === 'v8' ? 'script' : kind}.cjs`);

/**
 * Flags of every process that holds sandbox code.
 * @param code its bundle
 */
export function nodeFlags(code: string): string[] {
  const compiles = code === codeOf('compiler') || code === codeOf('typescript');
  const readable = new Set([SANDBOX_DIR, dirname(code), addonFile(), ...(compiles ? [oxcFile()] : [])]);
  return [
    '--permission',
    '--allow-addons',
    ...[...readable].map((path) => `--allow-fs-read=${path}`),
    '--disable-warning=ExperimentalWarning',
    '--disable-warning=SecurityWarning',
    // The sandbox collects garbage between runs; what was compiled once stays compiled in spite of it.
    '--no-flush-bytecode',
    // Source phase imports are for WebAssembly, which no script has: V8 would set them up in each context, and isolated-vm ends the process.
    '--no-js-source-phase-imports',
    // Contexts then die young: a fifth less work for each execution. In MiB, for each of three spaces.
    '--max-semi-space-size=8',
    // The heaps are small: threads to collect them with cost more in waking up than they save.
    '--single-threaded-gc',
    '--disallow-code-generation-from-strings',
  ];
}

/** The command that runs Node with these arguments so that it gains no privileges and ends with its supervisor. */
export function contained(args: readonly string[]): [string, ...string[]] {
  const setpriv = process.platform === 'linux' ? findOnPath('setpriv') : undefined;
  const node = [process.execPath, ...args] as [string, ...string[]];
  return setpriv === undefined ? node : [setpriv, '--no-new-privs', '--pdeathsig', 'KILL', '--', ...node];
}

let addon: string | undefined;

/** The file that isolated-vm's own loader would pick; loading it here would bring the addon into the supervisor. */
export function addonFile(): string {
  if (addon !== undefined) return addon;
  const require = createRequire(import.meta.url);
  const directory = dirname(require.resolve('isolated-vm/package.json'));
  const loader = createRequire(join(directory, 'package.json'))('node-gyp-build') as { path(dir: string): string };
  addon = loader.path(directory);
  return addon;
}

let oxc: string | undefined;

/** The addon of oxc for this machine, which compiles TypeScript; its own loader would have to look around too. */
function oxcFile(): string {
  if (oxc !== undefined) return oxc;
  const own = createRequire(createRequire(import.meta.url).resolve('oxc-transform'));
  const { platform, arch } = process;
  const suffix = platform === 'win32' ? '-msvc' : platform !== 'linux' ? '' : isMusl() ? '-musl' : '-gnu';
  oxc = own.resolve(`@oxc-transform/binding-${platform}-${arch}${suffix}`);
  return oxc;
}

/** As the loader of isolated-vm's addon finds out. A report of this process would tell too, and take 30 ms. */
const isMusl = (): boolean => existsSync('/etc/alpine-release');

function findOnPath(name: string): string | undefined {
  const directories = [...(process.env.PATH ?? '').split(':'), '/usr/bin', '/bin'];
  return directories
    .map((directory) => join(directory, name))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
