import { Runtime } from '../runtime.ts';
import { type RuntimeCommandOptions, readSettings } from './settings.ts';

/**
 * `copepod runtime`: serves until it is told to end. Returns the exit code.
 * @throws UsageError where something that it needs is missing or wrong
 */
export async function serveRuntime(options: RuntimeCommandOptions): Promise<number> {
  const settings = await readSettings(options, process.env);
  // Its first VM starts while the rest is loaded.
  const runtime = new Runtime(settings.engine);
  try {
    const { servePod } = await import('./serve.ts');
    return await servePod(options, settings, runtime);
  } finally {
    await runtime.close();
  }
}
