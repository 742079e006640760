/** The engine as it is built and published; its types are those of the sources, which are there before any build. */
export async function loadEngine(): Promise<typeof import('../src/index.ts')> {
  const built = new URL('../dist/index.js', import.meta.url);
  try {
    return (await import(built.href)) as typeof import('../src/index.ts');
  } catch (cause) {
    throw new Error('the engine is not built: run `make build` first', { cause });
  }
}
