import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Language, Program, ScriptSource } from './types.ts';
import type { VM } from './vm.ts';
import { type FromSandbox, MAX_CODE_BYTES } from './wire/from-sandbox.ts';
import type { ProgramRef, Shift } from './wire/to-sandbox.ts';

/** Compiled programs a VM keeps at most. */
const MAX_PROGRAMS_PER_VM = 256;
/** Bytes that all programs in the cache take at most. */
const MAX_CACHE_BYTES = 64 << 20;
/** Bytes that a program takes beside its parts: its key, its place in the cache, the headers of its buffers. */
const PROGRAM_OVERHEAD_BYTES = 1024;
/** Sources remembered by their text, and bytes of all of them. */
const MAX_RECENT = 256;
const MAX_RECENT_BYTES = 16 << 20;
/** Code of one V8 is nothing to another: V8's version and flags are part of every key. */
const ENGINE = `${process.versions.v8} ${process.execArgv.join(' ')}`;

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

/** A compiled program in the form that takes least: 12 bytes a shift, where a list of lists takes 80. */
interface CachedProgram {
  readonly code: string;
  readonly shifts: Uint32Array;
  readonly cachedData: Buffer;
}

/** What to send to a VM so that it can run a program. */
export interface Delivery {
  readonly program: ProgramRef;
  readonly blob: Buffer | undefined;
  /** The VM will strip types. */
  readonly typescript: boolean;
}

/**
 * Sees to it that a script is parsed once. Compilation itself happens in the sandbox, for it reads hostile text; what it
 * gave is kept here for the same tenant's other VMs, and for no one else's: a sandbox may lie about it.
 */
export class Compiler {
  readonly #options: CompilerOptions;
  readonly #cache: LRUCache<string, CachedProgram>;
  /** The last program of each source: one that runs again and again need not be hashed each time. */
  readonly #recent = new LRUCache<string, { owner: string; program: Program }>({
    max: MAX_RECENT,
    maxSize: MAX_RECENT_BYTES,
    sizeCalculation: (_, source) => source.length * 2 + PROGRAM_OVERHEAD_BYTES,
  });
  #hits = 0;
  #misses = 0;

  constructor(options: CompilerOptions) {
    this.#options = options;
    this.#cache = new LRUCache({
      max: Math.max(1, options.size),
      maxSize: MAX_CACHE_BYTES,
      sizeCalculation: ({ code, shifts, cachedData }) =>
        code.length * 2 + shifts.byteLength + cachedData.length + PROGRAM_OVERHEAD_BYTES,
    });
  }

  /** Names a script for one owner: a tenant, or nobody in particular. */
  program(script: ScriptSource, owner: string): Program {
    const language = script.language ?? languageOf(script.name);
    const name = safeName(script.name ?? (language === 'TypeScript' ? 'script.ts' : 'script.js'));
    const recent = this.#recent.get(script.source);
    if (recent?.owner === owner && recent.program.name === name && recent.program.language === language) {
      return recent.program;
    }
    const text = JSON.stringify([ENGINE, owner, language, name]) + script.source;
    const program = { key: hash('sha256', text, 'base64url'), name, language, source: script.source };
    this.#recent.set(script.source, { owner, program });
    return program;
  }

  /** What this VM must be sent to run the program; counts a hit where nothing needs parsing. */
  deliver(program: Program, vm: VM): Delivery {
    const { key, name } = program;
    if (vm.programs.delete(key)) {
      vm.programs.add(key);
      this.#hits++;
      return { program: { key, name }, blob: undefined, typescript: false };
    }
    vm.programs.add(key);
    const oldest = vm.programs.size > MAX_PROGRAMS_PER_VM ? vm.programs.values().next().value : undefined;
    if (oldest !== undefined) this.forget(oldest, vm);

    const cached = this.#cache.get(key);
    if (cached === undefined) {
      this.#misses++;
      const body = { form: 'source', source: program.source, language: program.language } as const;
      return { program: { key, name, body }, blob: undefined, typescript: program.language === 'TypeScript' };
    }
    this.#hits++;
    const code = { code: cached.code, shifts: unpacked(cached.shifts) };
    const body = { form: 'compiled', code } as const;
    return { program: { key, name, body }, blob: cached.cachedData, typescript: false };
  }

  /** Keeps what a VM's compilation gave, for the tenant that the VM belongs to: no other has to believe it. */
  store(program: Program, vm: VM, message: Extract<FromSandbox, { op: 'compiled' }>, blob: Buffer): void {
    if (!this.#options.enabled || this.program(program, vm.tenantKey ?? '').key !== program.key) return;
    // More than a sandbox sends, unless it has been taken over.
    if (blob.length > MAX_CODE_BYTES || message.codeBytes > blob.length) return;
    // A buffer of its own: one out of Node's pool would keep more alive than is counted.
    const cachedData = Buffer.allocUnsafeSlow(blob.length - message.codeBytes);
    blob.copy(cachedData, 0, message.codeBytes);
    const code = blob.toString('utf8', 0, message.codeBytes);
    this.#cache.set(program.key, { code, shifts: packed(message.shifts), cachedData });
  }

  /** After an execution: a VM keeps no program that did not compile, and none at all without a cache. */
  settle(program: Program, vm: VM, compiled: boolean): void {
    if (!compiled) vm.programs.delete(program.key);
    else if (!this.#options.enabled) this.forget(program.key, vm);
  }

  forget(key: string, vm: VM): void {
    vm.programs.delete(key);
    vm.send({ op: 'forget', key });
  }

  stats(): CompilationStats {
    return { size: this.#cache.size, hits: this.#hits, misses: this.#misses };
  }
}

const packed = (shifts: readonly Shift[]): Uint32Array => Uint32Array.from(shifts.flat());

function unpacked(numbers: Uint32Array): Shift[] {
  const shifts: Shift[] = [];
  for (let i = 0; i < numbers.length; i += 3) shifts.push(Array.from(numbers.subarray(i, i + 3)) as never);
  return shifts;
}

const languageOf = (name: string | undefined): Language =>
  /\.[mc]?ts$/.test(name ?? '') ? 'TypeScript' : 'JavaScript';

/** A name goes into stacks and `sourceURL`: one line, no brackets, no control characters, not too long. */
const safeName = (name: string): string => name.replace(/[^\w./@+-]/g, '_').slice(-200);
