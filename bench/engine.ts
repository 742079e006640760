export type { RuntimeObserver } from '../src/runtime/options.ts';

type Library = typeof import('../src/index.ts');

export type Engine = ReturnType<Library['createRuntime']>;
export type TenantIsolation = 'Process' | 'Isolate';

/**
 * Loads the engine as built and published; its types are those of the sources, which exist before a build.
 * @param root of the build; by default this one's
 */
export async function loadEngine(root: string | URL = new URL('..', import.meta.url)): Promise<Library> {
  const built = new URL('dist/index.js', root);
  try {
    return (await import(built.href)) as Library;
  } catch (cause) {
    throw new Error('the engine is not built: run `make build` first', { cause });
  }
}
