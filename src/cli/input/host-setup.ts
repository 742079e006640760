import { Console } from 'node:console';
import { loadHostFunctions, type Setup } from '../../runtime/host-functions-file.ts';

/**
 * The host functions of a module. What the module prints goes to standard error: standard output has the command's own
 * output, which programs read.
 *
 * @throws UsageError if the module cannot be loaded
 */
export async function hostSetup(file: string): Promise<Setup> {
  globalThis.console = new Console(process.stderr);
  return await loadHostFunctions(file);
}
