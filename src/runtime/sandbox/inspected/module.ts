import { SourceTextModule } from 'node:vm';
import { enter } from './enter.ts';
import { noteCode } from './first-line.ts';
import type { Realm } from './realm.ts';
import { Handle } from './values.ts';

/** Fills in `import.meta`. */
export type Meta = (target: object) => void;
type Resolve = (specifier: string, importer: Module) => Module;

interface Linked {
  readonly module: SourceTextModule;
  readonly realm: Realm;
}

/** A module that belongs to a context once it is linked. */
export class Module extends Handle {
  readonly #code: string;
  readonly #filename: string;
  readonly #meta: Meta | undefined;
  #linked: Linked | undefined;

  constructor(code: string, filename: string, meta: Meta | undefined) {
    super();
    noteCode(code);
    this.#code = code;
    this.#filename = filename;
    this.#meta = meta;
  }

  instantiateSync({ realm }: { readonly realm: Realm }, resolve: Resolve): void {
    enter(() => {
      const module = this.#link(realm, resolve);
      if (module.status === 'unlinked' || module.status === 'linking') module.instantiate();
    });
  }

  evaluateSync(): void {
    const { module } = this.#of;
    enter(() => {
      // What it rejects with is in the module; where it waits, the rejection comes later, and nothing handles that.
      const evaluated = module.evaluate();
      if (module.status !== 'errored') return;
      evaluated.catch(() => {});
      throw module.error;
    });
  }

  protected get exports(): object {
    return this.#of.module.namespace;
  }

  protected get realm(): Realm {
    return this.#of.realm;
  }

  get #of(): Linked {
    if (this.#linked === undefined) throw new Error(`module ${this.#filename} is not linked`);
    return this.#linked;
  }

  #link(realm: Realm, resolve: Resolve): SourceTextModule {
    if (this.#linked !== undefined) return this.#linked.module;
    const meta = this.#meta;
    const options = {
      identifier: this.#filename,
      context: realm.context,
      importModuleDynamically: () => realm.refuseImport(),
      ...(meta === undefined ? {} : { initializeImportMeta: (target: object) => meta(target) }),
    };
    const module = new SourceTextModule(this.#code, options);
    this.#linked = { module, realm };
    module.linkRequests(module.moduleRequests.map(({ specifier }) => resolve(specifier, this).#link(realm, resolve)));
    return module;
  }
}
