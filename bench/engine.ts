export type { RuntimeObserver } from '../src/runtime/options.ts';

type Library = typeof import('../src/index.ts');

export type Engine = ReturnType<Library['createRuntime']>;
export type TenantIsolation = 'Process' | 'Isolate';

/** The engine as it is built and published; its types are those of the sources, which are there before any build. */
export async function loadEngine(): Promise<Library> {
  const built = new URL('../dist/index.js', import.meta.url);
  try {
    return (await import(built.href)) as Library;
  } catch (cause) {
    throw new Error('the engine is not built: run `make build` first', { cause });
  }
}
