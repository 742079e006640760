import type ivm from 'isolated-vm';
import { resolve } from '../compiler/resolve.ts';
import { compileModule } from './compilation-cache.ts';
import { type LoadedFile, type LoadedProgram, options } from './program.ts';

/** What a module needs of the context that it is loaded into. */
export interface ModuleHost {
  readonly isolate: ivm.Isolate;
  readonly context: ivm.Context;
  /** Compiles a module that asks for `import.meta`, which only code of the context itself can answer. */
  compileWithMeta(file: LoadedFile): ivm.Module;
}

/** The modules of a program in one context, which is where V8 keeps them: each is made and evaluated once. */
export class Modules {
  readonly #host: ModuleHost;
  readonly #program: LoadedProgram;
  readonly #modules = new Map<string, ivm.Module>();
  readonly #files = new Map<ivm.Module, LoadedFile>();
  readonly #reporting: ivm.Module[] = [];

  constructor(host: ModuleHost, program: LoadedProgram) {
    this.#host = host;
    this.#program = program;
  }

  /** A file's module, with all that it imports, linked. */
  link(file: LoadedFile): ivm.Module {
    const module = this.#moduleOf(file);
    module.instantiateSync(this.#host.context, (specifier, importer) =>
      this.#moduleOf(this.#imported(specifier, importer)),
    );
    return module;
  }

  /**
   * A module whose evaluation ends after that of a file, also where that waits, and then hands over what it exports.
   * @param done name of a function of the context
   */
  linkReporting(file: LoadedFile, done: string, call: number): ivm.Module {
    const code = `import * as exported from "m"; ${done}(${call}, exported);`;
    const reporting = compileModule(this.#host.isolate, code, { filename: 'copepod:reporting' });
    this.#reporting.push(reporting);
    reporting.instantiateSync(this.#host.context, (specifier, referrer) =>
      referrer === reporting ? this.#moduleOf(file) : this.#moduleOf(this.#imported(specifier, referrer)),
    );
    return reporting;
  }

  /** Whether a file, or anything that it imports, may wait. */
  mayWait(file: LoadedFile, seen = new Set<string>()): boolean {
    const waiting = [file];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (seen.has(next.name)) continue;
      seen.add(next.name);
      if (next.mayWait) return true;
      for (const name of Object.values(next.imports)) waiting.push(this.#program.files.get(name) as LoadedFile);
    }
    return false;
  }

  /** The file that `import()` asks for. @throws TypeError as the script reads it */
  find(specifier: string, importer: string): LoadedFile {
    const { files, program } = this.#program;
    const resolution = resolve(specifier, importer, { names: [...files.keys()], imports: program.imports });
    if ('problem' in resolution) throw new TypeError(resolution.problem);
    const file = files.get(resolution.name);
    if (file === undefined) throw new TypeError(`Cannot import '${specifier}'`);
    return file;
  }

  /** Releases the modules: each keeps its whole context alive until this process collects garbage, which is too late. */
  release(): void {
    for (const module of this.#modules.values()) module.release();
    for (const module of this.#reporting.splice(0)) module.release();
    this.#modules.clear();
    this.#files.clear();
  }

  #imported(specifier: string, importer: ivm.Module): LoadedFile {
    const imported = this.#files.get(importer)?.imports[specifier];
    const file = imported === undefined ? undefined : this.#program.files.get(imported);
    if (file === undefined) throw new TypeError(`Cannot import '${specifier}'`);
    return file;
  }

  #moduleOf(file: LoadedFile): ivm.Module {
    let module = this.#modules.get(file.name);
    if (module === undefined) {
      module = this.#compile(file);
      this.#modules.set(file.name, module);
      this.#files.set(module, file);
    }
    return module;
  }

  #compile(file: LoadedFile): ivm.Module {
    if (file.usesMeta || file.kind === 'json') return this.#host.compileWithMeta(file);
    return compileModule(this.#host.isolate, file.code, options(file.name, file.cachedData));
  }
}
