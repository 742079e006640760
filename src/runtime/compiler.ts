import { LRUCache } from 'lru-cache';
import { type CompiledProgram, languageOf, type ProgramSource } from './compiler/program.ts';
import type { CompilerAnswer } from './compiler-lane.ts';
import type { CompilerProcesses } from './compiler-processes.ts';
import { keyOf } from './program-key.ts';
import { RecentPrograms } from './recent-programs.ts';
import type { Program, ReadFile, ScriptSource } from './types.ts';
import type { VM } from './vm.ts';
import { isFileName, safeName } from './wire/file-name.ts';
import type { ErrorReport } from './wire/from-sandbox.ts';
import { type Part, packParts, unpackParts } from './wire/texts.ts';
import type { ProgramRef } from './wire/to-sandbox.ts';

/** Compiled programs a VM keeps at most, and bytes of them. */
const MAX_PROGRAMS_PER_VM = 256;
const MAX_BYTES_PER_VM = 16 << 20;
/** Bytes that all programs in the cache take at most. */
const MAX_CACHE_BYTES = 64 << 20;
/** Bytes that a program takes beside its parts: its key, its place in the cache, the headers of its buffers. */
const PROGRAM_OVERHEAD_BYTES = 1024;
/** How often a program's files are asked for: each time it can name those that the last ones import. */
const MAX_READS = 256;

export interface CompilerOptions {
  readonly enabled: boolean;
  /** Programs kept at most. */
  readonly size: number;
}

export interface CompilationStats {
  /** Programs in the cache. */
  readonly size: number;
  readonly hits: number;
  readonly misses: number;
}

/** A compiled program as it is sent to a VM, or why there is none. */
export type Compiled =
  | { readonly program: CompiledProgram; readonly parts: readonly Part[]; readonly blob: Buffer }
  | { readonly error: ErrorReport };

/** Changes what a program has been compiled to, as a debugger needs it. */
export type Finish = (source: ProgramSource, answer: CompilerAnswer) => CompilerAnswer;
const asItIs: Finish = (_, answer) => answer;

/** What to send to a VM so that it can run a program. */
export interface Delivery {
  readonly program: ProgramRef;
  readonly blob: Buffer | undefined;
}

/**
 * Sees to it that a program is compiled once, whoever runs it: in a process that has run no script, so that every tenant
 * can believe what it gave. What it gave is kept here, counted and capped; a source that does not compile is kept as its
 * error, but for one that took too long by the clock: the machine may have been busy.
 */
export class Compiler {
  readonly #options: CompilerOptions;
  readonly #processes: Pick<CompilerProcesses, 'compile'>;
  readonly #finish: Finish;
  readonly #cache: LRUCache<string, Compiled>;
  readonly #compiling = new Map<string, Promise<Compiled>>();
  readonly #recent = new RecentPrograms();
  #hits = 0;
  #misses = 0;

  /** @param finish changes what a program has been compiled to */
  constructor(options: CompilerOptions, processes: Pick<CompilerProcesses, 'compile'>, finish: Finish = asItIs) {
    this.#options = options;
    this.#processes = processes;
    this.#finish = finish;
    this.#cache = new LRUCache({
      max: Math.max(1, options.size),
      maxSize: MAX_CACHE_BYTES,
      sizeCalculation: bytesOf,
    });
  }

  /**
   * Names a script. The name is that of its content: the same for every tenant.
   * @throws TypeError if a file can't have its name
   */
  program(script: ScriptSource): Program {
    const language = script.language ?? languageOf(script.name ?? '');
    const name = safeName(script.name ?? (language === 'TypeScript' ? 'script.ts' : 'script.js'));
    const isAlone = script.files === undefined && script.imports === undefined;
    const recent = isAlone ? this.#recent.get(script.source) : undefined;
    if (recent?.name === name && recent.language === language) return recent;
    const { source, files = {}, imports = {} } = script;
    for (const other of Object.keys(files)) {
      if (!isFileName(other)) throw new TypeError(`'${other}' can't be the name of a script's file`);
    }
    const program = { name, language, source, files, imports, key: '' };
    const named = { ...program, key: keyOf(program) };
    if (isAlone) this.#recent.add(named);
    return named;
  }

  /** What compiling a program has given before; undefined if it is to be compiled. */
  known(program: Program): Compiled | undefined {
    return this.#cache.get(program.key);
  }

  /**
   * Compiles a program, or waits for whoever compiles it already.
   * @param needsMore V8 alone is known not to compile it
   * @throws Error if no process can compile it, which is no fault of the program
   */
  compile(program: Program, owner: string, needsMore = false): Promise<Compiled> {
    const { key } = program;
    const known = this.#cache.get(key);
    if (known !== undefined) return Promise.resolve(known);
    const under = this.#compiling.get(key);
    if (under !== undefined) return under;
    this.#misses++;
    const compiling = this.#processes
      .compile(sourceOf(program), false, owner, needsMore)
      .then((answer) => this.#keep(program, answer))
      .finally(() => this.#compiling.delete(key));
    this.#compiling.set(key, compiling);
    return compiling;
  }

  /**
   * Compiles a script whose other files are read when they are imported.
   * @returns the program with all of its files
   * @throws Error as `compile` does
   */
  async read(
    script: ScriptSource,
    readFile: ReadFile,
    owner: string,
  ): Promise<{ program: Program; compiled: Compiled }> {
    let program = this.program({ ...script, files: script.files ?? {} });
    const absent = new Set<string>();
    for (let reads = 0; ; reads++) {
      const answer = await this.#processes.compile(sourceOf(program), reads < MAX_READS && absent.size === 0, owner);
      if (answer.compilation.kind !== 'missing') return { program, compiled: this.#keep(program, answer) };
      const files: Record<string, string> = { ...program.files };
      for (const name of answer.compilation.names) {
        const source = await readFile(name);
        if (source === undefined) absent.add(name);
        else files[name] = source;
      }
      program = this.program({ ...program, files });
    }
  }

  /** A VM has compiled a program by itself. @param sentBytes that it was sent as */
  addLoaded({ key }: Program, vm: VM, sentBytes: number): void {
    this.#misses++;
    // Its text, and what V8 makes of it: of many short functions three times as much.
    vm.programs.set(key, PROGRAM_OVERHEAD_BYTES + 4 * sentBytes);
    this.#makeRoom(key, vm);
  }

  /** What this VM must be sent to run a program. @param compiled undefined: the VM has it */
  deliver(program: Program, compiled: Exclude<Compiled, { error: unknown }> | undefined, vm: VM): Delivery {
    const { key } = program;
    const held = vm.programs.get(key);
    if (held !== undefined) {
      vm.programs.delete(key);
      vm.programs.set(key, held);
      return { program: { key }, blob: undefined };
    }
    if (compiled === undefined) throw new Error('the VM does not have the program that it has loaded');
    vm.programs.set(key, bytesOf(compiled));
    this.#makeRoom(key, vm);
    return { program: { key, body: { program: compiled.program, parts: compiled.parts } }, blob: compiled.blob };
  }

  /** An execution needs nothing compiled. */
  countHit(): void {
    this.#hits++;
  }

  /** After an execution: without a cache a VM keeps no program. */
  settle(program: Program, vm: VM): void {
    if (!this.#options.enabled) this.forget(program.key, vm);
  }

  forget(key: string, vm: VM): void {
    vm.programs.delete(key);
    vm.send({ op: 'forget', key });
  }

  stats(): CompilationStats {
    return { size: this.#cache.size, hits: this.#hits, misses: this.#misses };
  }

  #makeRoom(newest: string, vm: VM): void {
    let bytes = 0;
    for (const each of vm.programs.values()) bytes += each;
    for (const [key, size] of vm.programs) {
      if (key === newest || (vm.programs.size <= MAX_PROGRAMS_PER_VM && bytes <= MAX_BYTES_PER_VM)) return;
      bytes -= size;
      this.forget(key, vm);
    }
  }

  #keep(program: Program, answer: CompilerAnswer): Compiled {
    const { compilation, blob, mayDiffer = false } = this.#finish(sourceOf(program), answer);
    const compiled = compiledOf(program, compilation, blob);
    if (this.#options.enabled && !mayDiffer) this.#cache.set(program.key, compiled);
    return compiled;
  }
}

const bytesOf = (compiled: Compiled): number =>
  PROGRAM_OVERHEAD_BYTES +
  ('error' in compiled
    ? JSON.stringify(compiled.error).length * 2
    : compiled.blob.length + JSON.stringify(compiled.program).length * 2 + compiled.parts.length * 64);

/**
 * What the compiler process gave, with the sources in it that it did not send back.
 * @throws RangeError if its texts are not those of its files
 */
export function compiledOf(program: Program, compilation: CompilerAnswer['compilation'], blob: Buffer): Compiled {
  if (compilation.kind === 'error') return { error: compilation.error };
  if (compilation.kind === 'missing') return { error: { message: 'SyntaxError: the program is not whole' } };
  const texts = unpackParts(compilation.parts, blob);
  const isWhole = texts.length === 3 * compilation.program.files.length && texts.length > 0;
  // Code, cached data and maps, by turns.
  if (!isWhole || texts.some((text, i) => (typeof text === 'string') === (i % 3 === 1))) {
    throw new RangeError('a compiled program is not whole');
  }
  for (const [i, { name }] of compilation.program.files.entries()) {
    if (compilation.isSource[i]) texts[3 * i] = sourceNamed(program, name);
  }
  return { program: compilation.program, ...packParts(texts) };
}

const sourceNamed = (program: Program, name: string): string =>
  name === program.name ? program.source : (program.files[name] ?? '');

/** What a program is compiled from: its main file first. */
export function sourceOf({ name, language, source, files, imports }: Program): ProgramSource {
  const others = Object.entries(files).filter(([other]) => other !== name);
  return {
    files: [{ name, source, language }, ...others.map(([other, text]) => ({ name: other, source: text }))],
    imports,
  };
}
