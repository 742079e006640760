import type { Cancellation } from './cancellation.ts';
import type { Compiled, Compiler } from './compiler.ts';
import type { Execution } from './execution.ts';
import type { ProgramLoader } from './program-loader.ts';
import type { Tools } from './tools/tools.ts';
import type { ReadFile } from './types.ts';
import type { VM } from './vm.ts';
import type { VMPool } from './vm-pool.ts';
import type { ErrorReport } from './wire/from-sandbox.ts';

/** A VM, and what it runs; undefined: it has that. */
export interface Prepared {
  readonly compiled: Exclude<Compiled, { error: unknown }> | undefined;
  readonly vm: VM;
}

/** The script does not compile. */
type Uncompiled = { readonly error: ErrorReport };

/** Words of which every import of another file has one. */
const MAY_IMPORT = /\b(?:import|from)\b/;

/** What an execution takes before it runs: to be compiled, and a VM. */
export class Preparation {
  readonly #compiler: Compiler;
  /** Undefined: no VM compiles what it runs. */
  readonly #loader: ProgramLoader | undefined;
  readonly #pool: VMPool;
  readonly #tools: Tools;

  constructor(compiler: Compiler, loader: ProgramLoader | undefined, pool: VMPool, tools: Tools) {
    this.#compiler = compiler;
    this.#loader = loader;
    this.#pool = pool;
    this.#tools = tools;
  }

  /** @throws the reason of its cancellation; Error if there is no process */
  async prepare(
    execution: Execution,
    readFile: ReadFile | undefined,
    cancellation: Cancellation,
  ): Promise<Prepared | Uncompiled> {
    if (readFile !== undefined && MAY_IMPORT.test(execution.program.source))
      return await this.#compileFirst(execution, cancellation, () => this.#read(execution, readFile));
    const { program, tenantKey } = execution;
    const known = this.#compiler.known(program);
    if (known !== undefined) {
      this.#compiler.countHit();
      return await this.#compileFirst(execution, cancellation, known);
    }
    const loader = this.#loaderFor(execution);
    const loaded = loader === undefined ? 'refused' : await this.#load(loader, execution, cancellation);
    if (typeof loaded === 'object') return loaded;
    const needsMore = loaded === 'needs-more';
    return await this.#compileFirst(execution, cancellation, () =>
      this.#compiler.compile(program, tenantKey, needsMore),
    );
  }

  async #compileFirst(
    execution: Execution,
    cancellation: Cancellation,
    known: Compiled | (() => Promise<Compiled>),
  ): Promise<Prepared | Uncompiled> {
    // Where no process is up yet, both kinds start at once.
    const early = typeof known === 'function' && !this.#pool.isWarm ? this.#vmFor(execution, cancellation) : undefined;
    try {
      const compiled = typeof known === 'function' ? await compiling(execution, cancellation, known) : known;
      if ('error' in compiled) {
        this.#giveBack(early);
        return compiled;
      }
      if (!this.#tools.isEmpty) execution.tools = await unlessAborted(this.#toolsFor(execution), cancellation);
      return { compiled, vm: await (early ?? this.#vmFor(execution, cancellation)) };
    } catch (error) {
      this.#giveBack(early);
      throw error;
    }
  }

  async #read(execution: Execution, readFile: ReadFile): Promise<Compiled> {
    const { program, compiled } = await this.#compiler.read(execution.program, readFile, execution.tenantKey);
    execution.program = program;
    return compiled;
  }

  /** Undefined: the VM may not compile the program. A VM is not kept waiting for tools, nor others for the first one to be up. */
  #loaderFor({ program }: Execution): ProgramLoader | undefined {
    const loader = this.#loader;
    if (!this.#tools.isEmpty || loader === undefined) return undefined;
    return (loader.hasLoaded(program) ? this.#pool.isWarm : loader.canLoad(program)) ? loader : undefined;
  }

  /** Has the VM of an execution compile what it runs, where it is the first to run it. @returns why it does not, and no VM */
  async #load(
    loader: ProgramLoader,
    execution: Execution,
    cancellation: Cancellation,
  ): Promise<Prepared | Uncompiled | 'needs-more' | 'refused'> {
    const { program } = execution;
    const vm = await this.#vmFor(execution, cancellation);
    if (vm.programs.has(program.key)) {
      this.#compiler.countHit();
      return { compiled: undefined, vm };
    }
    if (loader.hasLoaded(program)) return await this.#compileFor(vm, execution, cancellation);
    const phase = execution.spans?.phase('compile');
    const loading = await loader.load(program, vm, cancellation).finally(() => phase?.end());
    if (typeof loading === 'number') {
      this.#compiler.addLoaded(program, vm, loading);
      return { compiled: undefined, vm };
    }
    if (loading === 'lost') this.#pool.discard(vm);
    else this.#pool.put(vm);
    cancellation.throwIfAborted();
    return loading === 'lost' ? 'refused' : loading;
  }

  /** Another VM has run the program: it is compiled once for all that are still to come. */
  async #compileFor(vm: VM, execution: Execution, cancellation: Cancellation): Promise<Prepared | Uncompiled> {
    const { program, tenantKey } = execution;
    let compiled: Compiled | undefined;
    try {
      compiled = await compiling(execution, cancellation, () => this.#compiler.compile(program, tenantKey));
    } finally {
      if (compiled === undefined || 'error' in compiled) this.#pool.put(vm);
    }
    return 'error' in compiled ? compiled : { compiled, vm };
  }

  #vmFor({ vmKey: tenantKey, spans }: Execution, cancellation: Cancellation): Promise<VM> {
    // A pool that closes has nobody wait.
    const got = this.#pool.get({ tenantKey, signal: cancellation.own });
    if (spans === undefined) return got;
    const wait = spans.phase('wait for VM');
    return got.finally(() => wait.end());
  }

  /** A VM that turned out not to be needed; none if there is none after all. */
  #giveBack(vm: Promise<VM> | undefined): void {
    vm?.then(
      (unused) => this.#pool.put(unused),
      () => {},
    );
  }

  async #toolsFor({ context, program }: Execution): ReturnType<Tools['offered']> {
    return await this.#tools.offered(context.tenant.id, [program.source, ...Object.values(program.files)]);
  }
}

async function compiling(
  { spans }: Execution,
  cancellation: Cancellation,
  compile: () => Promise<Compiled>,
): Promise<Compiled> {
  const phase = spans?.phase('compile');
  return await unlessAborted(compile(), cancellation).finally(() => phase?.end());
}

/** The work goes on when the signal is aborted: its result is for all that wait for it. */
function unlessAborted<T>(work: Promise<T>, { signal }: Cancellation): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    // Before all else: a rejection without a handler would end the process.
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}
