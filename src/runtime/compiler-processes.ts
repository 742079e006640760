import { languageOf, type ProgramSource } from './compiler/program.ts';
import { type CompileLimits, type CompilerAnswer, CompilerLane } from './compiler-lane.ts';
import type { Limiter } from './limiter.ts';
import type { SandboxProcesses } from './sandbox-process.ts';

/** What compiling one program may use. Even a megabyte of TypeScript takes a tenth of this. */
const LIMITS: CompileLimits = { memoryBytes: 768 << 20, cpuTimeMs: 5000, timeoutMs: 30_000 };

/**
 * The processes that compile. None has ever run a script, so that what they give is good for every tenant; what a source
 * does to one ends with it. Tenants take turns. Most JavaScript takes V8 alone, whose processes are forked from the zygote of those
 * that run scripts; the next kind has a parser and oxc; the last has TypeScript's own compiler, which is big.
 */
export class CompilerProcesses {
  readonly #v8: CompilerLane;
  readonly #compiler: CompilerLane;
  readonly #typescript: CompilerLane;

  constructor(processes: SandboxProcesses, limiter: Limiter, limits = LIMITS) {
    const options = { processes, limiter, limits };
    this.#typescript = new CompilerLane('typescript', options);
    this.#compiler = new CompilerLane('compiler', options, this.#typescript);
    this.#v8 = new CompilerLane('v8', options, this.#compiler);
  }

  /** Starts a process with a parser and oxc ahead of its first program. One with V8 alone is forked in no time, and seldom needed first. */
  async warm(): Promise<void> {
    await this.#compiler.warm();
  }

  /**
   * Compiles a program.
   * @param owner whose turn it is
   * @param needsMore V8 alone is known not to compile it
   * @throws Error if no process can be started
   */
  compile(source: ProgramSource, mayHaveMore: boolean, owner: string, needsMore = false): Promise<CompilerAnswer> {
    const lane = needsMore || source.files.some(isTypeScript) ? this.#compiler : this.#v8;
    return new Promise((resolve, reject) => {
      lane.add({ source, mayHaveMore, crashes: 0, losses: 0, resolve, reject }, owner);
    });
  }

  async close(): Promise<void> {
    await Promise.all([this.#v8, this.#compiler, this.#typescript].map((lane) => lane.close()));
  }
}

const isTypeScript = ({ name, language }: ProgramSource['files'][number]): boolean =>
  (language ?? languageOf(name)) === 'TypeScript';
