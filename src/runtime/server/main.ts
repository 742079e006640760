import type { RuntimeObserver } from '../options.ts';
import { Runtime } from '../runtime.ts';
import { type RuntimeCommandOptions, readSettings } from './settings.ts';

/**
 * `copepod runtime`: serves until it is stopped. Returns the exit code.
 * @throws UsageError if a required setting is missing or invalid
 */
export async function serveRuntime(options: RuntimeCommandOptions): Promise<number> {
  const settings = await readSettings(options, process.env, process.constrainedMemory());
  // Its first VM starts while the other modules are loaded.
  const observer: RuntimeObserver = {};
  const runtime = new Runtime({ ...settings.engine, observer });
  try {
    const { servePod } = await import('./serve.ts');
    return await servePod(options, settings, { runtime, observer });
  } finally {
    await runtime.close();
  }
}
