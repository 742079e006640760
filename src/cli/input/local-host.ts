import type { LocalHost } from '../../gateway/local/local-executor.ts';
import { HostFunctions } from '../../runtime/host-calls.ts';
import { hostSetup } from './host-setup.ts';
import { readText } from './read-text.ts';

/**
 * The host functions of a module, with their TypeScript declarations, which are made when they are first asked for.
 * @throws UsageError if the module cannot be loaded
 */
export async function localHost(file: string | undefined): Promise<LocalHost | undefined> {
  if (file === undefined) return undefined;
  const setup = await hostSetup(file);
  let types: Promise<string> | undefined;
  return { setup, types: () => (types ??= typesOf(file, setup)) };
}

async function typesOf(file: string, setup: LocalHost['setup']): Promise<string> {
  const host = new HostFunctions();
  setup(host);
  const [text, { hostDeclarations }, { typeScript }] = await Promise.all([
    readText(file),
    import('../types/host-declarations.ts'),
    import('../typescript-parser.ts'),
  ]);
  return hostDeclarations(typeScript(), { file, text, names: host.names });
}
