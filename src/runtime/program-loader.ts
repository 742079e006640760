import { LRUCache } from 'lru-cache';
import type { Cancelled } from './cancellation.ts';
import { languageOf } from './compiler/program.ts';
import { sourceOf } from './compiler.ts';
import type { Limiter } from './limiter.ts';
import type { Program } from './types.ts';
import { type VM, VMLostError } from './vm.ts';
import type { Loading } from './wire/from-sandbox.ts';
import { packSources } from './wire/sources.ts';

/** Programs remembered as loaded once. */
const MAX_LOADED = 4096;
/** Longer programs are compiled outside of the VM, in UTF-16 units of all files: they take memory that the VM may not have. */
const MAX_LENGTH = 2 << 20;
/** What is as long takes 50 ms; what takes longer than this is for a process that may. */
const CPU_TIME_MS = 1000;
/** A process that does not answer costs the execution as much, and nothing else. */
const TIMEOUT_MS = 2000;

/**
 * Has a VM compile a program that it is the first to run, for itself alone: no other VM gets to see what it makes of it. Of what is run
 * again elsewhere, a process that has run no script makes something that all can start from (`Compiler`).
 */
export class ProgramLoader {
  readonly #limiter: Limiter;
  readonly #memoryBytes: number;
  readonly #loaded = new LRUCache<string, true>({ max: MAX_LOADED });

  /** @param memoryBytes that compiling may take in a VM */
  constructor(limiter: Limiter, memoryBytes: number) {
    this.#limiter = limiter;
    this.#memoryBytes = memoryBytes;
  }

  /** Whether V8 alone may be able to compile a program, and in little memory. */
  canLoad(program: Program): boolean {
    const { files } = sourceOf(program);
    const length = files.reduce((sum, { source }) => sum + source.length, 0);
    return length <= MAX_LENGTH && files.every(({ name, language = languageOf(name) }) => language !== 'TypeScript');
  }

  /** Whether some VM has loaded the program. */
  hasLoaded({ key }: Program): boolean {
    return this.#loaded.has(key);
  }

  /**
   * @returns the bytes that it was sent as, or why the VM cannot compile it; `lost` where the VM is, or is good for nothing else
   */
  async load(program: Program, vm: VM, cancelled: Cancelled): Promise<Exclude<Loading, 'loaded'> | 'lost' | number> {
    this.#loaded.set(program.key, true);
    const { blob, ...sources } = packSources(sourceOf(program));
    const message = { op: 'load', id: vm.nextRequestId(), key: program.key, ...sources } as const;
    const limits = { memoryBytes: this.#memoryBytes, cpuTimeMs: CPU_TIME_MS, timeoutMs: TIMEOUT_MS };
    const watch = this.#limiter.start(vm, limits, cancelled);
    let loading: Loading | 'lost';
    try {
      const answer = await vm.request(message, undefined, blob);
      if (answer.op !== 'loaded') throw new VMLostError('it gave another answer than was asked for');
      loading = answer.loading;
    } catch {
      loading = 'lost';
    }
    const { isBloated } = watch.stop();
    this.#limiter.remeasure(vm);
    // As after a run: what compiling has left behind would count against what runs next, which may be another script.
    if (isBloated) return 'lost';
    return loading === 'loaded' ? blob.length : loading;
  }
}
