import { spawn } from 'node:child_process';
import { accessSync, constants, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deadline } from './deadline.ts';
import { residentBytes } from './process-usage.ts';
import { VM } from './vm.ts';

const START_TIMEOUT_MS = 10_000;
const HEALTH_TIMEOUT_MS = 1000;

/** The sandbox as it was built: the same from the sources and from dist/. */
const SANDBOX_DIR = fileURLToPath(new URL('../../dist/sandbox', import.meta.url));

/** What makes, renews and ends VMs. */
export interface VMFactory {
  create(): Promise<VM>;
  /** A new isolate in the same process. */
  reset(vm: VM): Promise<void>;
  destroy(vm: VM): Promise<void>;
  /** Whether an idle VM answers. */
  healthCheck(vm: VM): Promise<boolean>;
}

/** Starts sandbox processes: no environment, Node's permission model, killed by the kernel when the supervisor dies. */
export class ProcessVMFactory implements VMFactory {
  /** Has new VMs load what strips types before they are needed; set once a runtime has seen TypeScript. */
  preloadsTypeScript = false;
  readonly #command: readonly [string, ...string[]];

  /** @param memoryBytes heap limit of each isolate */
  constructor(memoryBytes: number) {
    this.#command = sandboxCommand(Math.max(8, Math.ceil(memoryBytes / 2 ** 20)));
  }

  async create(): Promise<VM> {
    const [file, ...args] = this.#command;
    const child = spawn(file, args, { env: {}, cwd: '/', stdio: ['ignore', 'ignore', 'pipe', 'pipe'], detached: true });
    const vm = new VM(child);
    using _late = deadline(START_TIMEOUT_MS, () => vm.kill());
    try {
      await vm.ready();
      if (this.preloadsTypeScript) await vm.loadTypeScript();
    } catch (error) {
      await vm.exited();
      throw new Error(`${(error as Error).message}${vm.stderr === '' ? '' : `: ${firstLines(vm.stderr)}`}`);
    }
    preferForOomKiller(vm.pid);
    vm.baselineBytes = residentBytes(vm.pid) ?? 0;
    return vm;
  }

  async reset(vm: VM): Promise<void> {
    using _late = deadline(HEALTH_TIMEOUT_MS, () => vm.kill());
    await vm.request({ op: 'reset', id: vm.nextRequestId() });
    vm.programs.clear();
    vm.isolateId++;
  }

  async destroy(vm: VM): Promise<void> {
    vm.kill();
    await vm.exited();
  }

  async healthCheck(vm: VM): Promise<boolean> {
    using _late = deadline(HEALTH_TIMEOUT_MS, () => vm.kill());
    try {
      await vm.request({ op: 'ping', id: vm.nextRequestId() });
      return true;
    } catch {
      return false;
    }
  }
}

function sandboxCommand(memoryMb: number): [string, ...string[]] {
  const addon = addonFile();
  const node = [
    process.execPath,
    '--permission',
    '--allow-addons',
    `--allow-fs-read=${SANDBOX_DIR}`,
    `--allow-fs-read=${addon}`,
    '--disable-warning=ExperimentalWarning',
    '--disable-warning=SecurityWarning',
    // The sandbox collects garbage between runs; what was compiled once stays compiled in spite of it.
    '--no-flush-bytecode',
    // Contexts then die young: a fifth less work for each execution. In MiB, for each of three spaces.
    '--max-semi-space-size=8',
    // The heaps are small: threads to collect them with cost more in waking up than they save.
    '--single-threaded-gc',
    '--disallow-code-generation-from-strings',
    join(SANDBOX_DIR, 'main.cjs'),
    addon,
    String(memoryMb),
  ] as [string, ...string[]];
  const setpriv = process.platform === 'linux' ? findOnPath('setpriv') : undefined;
  return setpriv === undefined ? node : [setpriv, '--no-new-privs', '--pdeathsig', 'KILL', '--', ...node];
}

/** The file that isolated-vm's own loader would pick; loading it here would bring the addon into the supervisor. */
function addonFile(): string {
  const require = createRequire(import.meta.url);
  const directory = dirname(require.resolve('isolated-vm/package.json'));
  const loader = createRequire(join(directory, 'package.json'))('node-gyp-build') as { path(dir: string): string };
  return loader.path(directory);
}

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

/** Where memory runs out, the kernel shall take a sandbox and not its supervisor. */
function preferForOomKiller(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, '1000');
  } catch {
    // not Linux, or not permitted: the memory watch is the first line anyway
  }
}

const firstLines = (text: string): string => text.trim().split('\n').slice(0, 3).join(' ');
