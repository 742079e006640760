import { writeFileSync } from 'node:fs';
import { ContainmentError } from './containment.ts';
import { deadline } from './deadline.ts';
import type { SandboxProcesses } from './sandbox-process.ts';
import { VM } from './vm.ts';

const START_TIMEOUT_MS = 10_000;
const MAX_STARTS = 3;
const HEALTH_TIMEOUT_MS = 1000;

/** What makes, renews and ends VMs. */
export interface VMFactory {
  /** Processes that ended before they were ready. */
  readonly failedStarts: number;
  create(): Promise<VM>;
  /** A new isolate in the same process. */
  reset(vm: VM): Promise<void>;
  destroy(vm: VM): Promise<void>;
  /** Whether an idle VM answers. */
  healthCheck(vm: VM): Promise<boolean>;
}

/** Makes each VM of a sandbox process. */
export class ProcessVMFactory implements VMFactory {
  failedStarts = 0;
  readonly #processes: SandboxProcesses;
  readonly #memoryMb: number;

  /** @param memoryBytes heap limit of each isolate */
  constructor(processes: SandboxProcesses, memoryBytes: number) {
    this.#processes = processes;
    this.#memoryMb = Math.max(8, Math.ceil(memoryBytes / 2 ** 20));
  }

  /** @throws ContainmentError, or an Error once MAX_STARTS processes in a row have ended before they were ready */
  async create(): Promise<VM> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#start();
      } catch (error) {
        if (error instanceof ContainmentError) throw error;
        this.failedStarts++;
        if (attempt === MAX_STARTS) throw error;
      }
    }
  }

  async reset(vm: VM): Promise<void> {
    using _late = deadline(HEALTH_TIMEOUT_MS, () => vm.kill());
    await vm.reset();
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

  async #start(): Promise<VM> {
    return ready(new VM(await this.#processes.start('script', this.#memoryMb)));
  }
}

/** Waits until a process is ready for requests. @throws Error with what it has said if it ends before */
export async function ready(vm: VM): Promise<VM> {
  using _late = deadline(START_TIMEOUT_MS, () => vm.kill());
  try {
    await vm.ready();
  } catch (error) {
    const { stderr } = await vm.exited();
    throw new Error(`${(error as Error).message}${stderr === '' ? '' : `: ${firstLines(stderr)}`}`);
  }
  preferForOomKiller(vm.pid);
  vm.takeBaseline();
  return vm;
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
