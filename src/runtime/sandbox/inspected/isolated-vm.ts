/**
 * Stands in for isolated-vm in a process under a debugger: the part of its interface that the sandbox uses, made of contexts of Node's own
 * isolate, which is the one that Node's inspector sees. isolated-vm's own inspector ends the process on this version of Node.
 */
import { getHeapStatistics } from 'node:v8';
import { Script as NodeScript } from 'node:vm';
import { enter } from './enter.ts';
import { breakAtFirstLine, noteCode } from './first-line.ts';
import { type Meta, Module } from './module.ts';
import { type Callable, Realm } from './realm.ts';
import { Callback, Dereferenced, Handle } from './values.ts';

/** What `run` and `eval` methods do with a value. */
interface ResultOptions {
  readonly reference?: boolean;
}
interface CompileOptions {
  readonly filename: string;
}

/** A value of a context. */
class Reference extends Handle {
  readonly #value: unknown;
  readonly #realm: Realm;

  constructor(value: unknown, realm: Realm) {
    super();
    this.#value = value;
    this.#realm = realm;
  }

  applySync(receiver: unknown, args: readonly unknown[], options: { readonly result?: ResultOptions } = {}): unknown {
    const given = args.map((arg) => this.#realm.copyIn(arg));
    return resultOf(
      enter(() => Reflect.apply(this.#value as Callable, receiver, given)),
      this.#realm,
      options.result,
    );
  }

  deref(): unknown {
    return this.#value;
  }

  derefInto(): Dereferenced {
    return new Dereferenced(this.#value);
  }
}

const resultOf = (value: unknown, realm: Realm, { reference = false }: ResultOptions = {}): unknown =>
  reference ? new Reference(value, realm) : realm.copyOut(value);

class Context extends Handle {
  readonly realm = new Realm();

  evalSync(code: string, options: ResultOptions & CompileOptions): unknown {
    return new Script(code, options).runSync(this, options);
  }
}

class Script extends Handle {
  readonly #script: NodeScript;
  /** That of the run under way. */
  #realm: Realm | undefined;

  constructor(code: string, { filename }: CompileOptions) {
    super();
    noteCode(code);
    this.#script = new NodeScript(code, { filename, importModuleDynamically: () => this.#refuseImport() });
  }

  runSync({ realm }: Context, options: ResultOptions = {}): unknown {
    this.#realm = realm;
    return resultOf(
      enter(() => this.#script.runInContext(realm.context, { displayErrors: false })),
      realm,
      options,
    );
  }

  #refuseImport(): never {
    if (this.#realm === undefined) throw new Error('a script that has not run imports nothing');
    return this.#realm.refuseImport();
  }
}

/** A module whose exports are references, as those of isolated-vm. */
class ReferencedModule extends Module {
  get namespace(): Reference {
    return new Reference(this.exports, this.realm);
  }
}

class Isolate extends Handle {
  isDisposed = false;

  createContextSync(): Context {
    return new Context();
  }

  compileScriptSync(code: string, options: CompileOptions): Script {
    return enter(() => new Script(code, options));
  }

  compileModuleSync(code: string, { filename, meta }: CompileOptions & { readonly meta?: Meta }): ReferencedModule {
    return new ReferencedModule(code, filename, meta);
  }

  getHeapStatisticsSync(): { readonly used_heap_size: number; readonly externally_allocated_size: number } {
    const { used_heap_size, external_memory } = getHeapStatistics();
    return { used_heap_size, externally_allocated_size: external_memory };
  }

  dispose(): void {
    this.isDisposed = true;
  }
}

/** Compiled code of V8 that this process does not use: it compiles what has a source map behind it. */
class ExternalCopy extends Handle {}

if (process.argv[5] === 'break') breakAtFirstLine();

export const ivm = { Isolate, Callback, ExternalCopy };
