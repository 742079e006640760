import { writeFile } from 'node:fs/promises';
import { dirname, relative, resolve, sep } from 'node:path';
import { joinedTypes } from '../../api/host-types.ts';
import { UsageError, unreadable } from '../../api/usage-error.ts';
import { HostFunctions } from '../../runtime/host-calls.ts';
import { EXIT } from '../exit-code.ts';
import { GUEST_TYPES, TEST_TYPES } from './guest-types.ts';
import { hostTypes } from './host-types.ts';

export interface TypesCommandOptions {
  readonly namespace: string;
  readonly runtime?: string;
  readonly tenant?: string;
  readonly hostFunctions?: string;
  readonly output?: string;
  /** The host functions and tools alone, without references to other files. */
  readonly standalone?: boolean;
}

const HEADER = '// What Copepod scripts see. Made by `copepod types`: make it again rather than change it.\n\n';

/** `copepod types`: prints declarations, or writes them to a file. Returns the exit code. */
export async function typesCommand(
  files: readonly string[],
  { output, ...options }: TypesCommandOptions,
): Promise<number> {
  const tools = files.length === 0 ? '' : await typesOfTools(files, options);
  if (tools === undefined) return EXIT.usage;
  const text = options.standalone ? await standaloneText(tools, options) : await projectText(output, tools, options);
  if (output === undefined) process.stdout.write(text);
  else {
    await writeFile(output, text).catch((error: unknown) => {
      throw unreadable(output, error);
    });
    process.stderr.write(`copepod: wrote ${output}\n`);
  }
  return EXIT.ok;
}

async function typesOfTools(files: readonly string[], options: TypesCommandOptions): Promise<string | undefined> {
  const { toolTypes } = await import('./tool-types.ts');
  return await toolTypes(files, options);
}

/** What an editor needs: all that a script sees; the host functions by their module. */
async function projectText(
  output: string | undefined,
  tools: string,
  { hostFunctions }: TypesCommandOptions,
): Promise<string> {
  const directory = output === undefined ? process.cwd() : dirname(resolve(output));
  const host = hostFunctions === undefined ? '' : await typesOfHost(hostFunctions, directory);
  const declarations = [host, tools === '' ? '' : `${tools}\n`].filter((text) => text !== '');
  return [HEADER + GUEST_TYPES, ...declarations, TEST_TYPES].join('\n');
}

/** What an agent reads. */
async function standaloneText(tools: string, { hostFunctions }: TypesCommandOptions): Promise<string> {
  if (hostFunctions === undefined) {
    if (tools !== '') return `${tools}\n`;
    throw new UsageError(
      '--standalone is about host functions and tools',
      'name a module with --host-functions FILE, or manifests with a ScriptRuntime',
    );
  }
  const { localHost } = await import('../input/local-host.ts');
  return `${joinedTypes((await (await localHost(hostFunctions))?.types()) ?? '', tools)}\n`;
}

async function typesOfHost(file: string, directory: string): Promise<string> {
  const [{ hostSetup }, { loadModule }] = await Promise.all([
    import('../input/host-setup.ts'),
    import('../../runtime/host-functions-file.ts'),
  ]);
  const host = new HostFunctions();
  (await hostSetup(file))(host);
  const exports = await loadModule(file);
  const path = relative(directory, resolve(file)).split(sep).join('/');
  const { default: _, ...named } = exports;
  return hostTypes(host.names, new Set(Object.keys(named)), path.startsWith('.') ? path : `./${path}`);
}
