export type { RuntimeObserver } from '../src/runtime/options.ts';

type Library = typeof import('../src/index.ts');

export type Engine = ReturnType<Library['createRuntime']>;
export type TenantIsolation = 'Process' | 'Isolate';

/** Loads the engine as built and published; its types are those of the sources, which exist before a build. */
export async function loadEngine(): Promise<Library> {
  const built = new URL('../dist/index.js', import.meta.url);
  try {
    return (await import(built.href)) as Library;
  } catch (cause) {
    throw new Error('the engine is not built: run `make build` first', { cause });
  }
}
