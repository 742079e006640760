import { writeFile } from 'node:fs/promises';
import { dirname, relative, resolve, sep } from 'node:path';
import { UsageError, unreadable } from '../../api/usage-error.ts';
import { HostFunctions } from '../../runtime/host-calls.ts';
import { EXIT } from '../exit-code.ts';
import { GUEST_TYPES, TEST_TYPES } from './guest-types.ts';
import { hostTypes } from './host-types.ts';

export interface TypesCommandOptions {
  readonly hostFunctions?: string;
  readonly output?: string;
  /** The host functions alone, without references to other files. */
  readonly standalone?: boolean;
}

const HEADER = '// What Copepod scripts see. Made by `copepod types`: make it again rather than change it.\n\n';

/** `copepod types`: prints declarations, or writes them to a file. Returns the exit code. */
export async function typesCommand({ output, ...options }: TypesCommandOptions): Promise<number> {
  const text = options.standalone ? await standaloneText(options) : await projectText(output, options);
  if (output === undefined) process.stdout.write(text);
  else {
    await writeFile(output, text).catch((error: unknown) => {
      throw unreadable(output, error);
    });
    process.stderr.write(`copepod: wrote ${output}\n`);
  }
  return EXIT.ok;
}

/** What an editor needs: all that a script sees; the host functions by their module. */
async function projectText(output: string | undefined, { hostFunctions }: TypesCommandOptions): Promise<string> {
  const directory = output === undefined ? process.cwd() : dirname(resolve(output));
  const host = hostFunctions === undefined ? '' : await typesOfHost(hostFunctions, directory);
  return [HEADER + GUEST_TYPES, ...(host === '' ? [] : [host]), TEST_TYPES].join('\n');
}

/** What an agent reads. */
async function standaloneText({ hostFunctions }: TypesCommandOptions): Promise<string> {
  if (hostFunctions === undefined) {
    throw new UsageError('--standalone is about host functions', 'name their module with --host-functions FILE');
  }
  const { localHost } = await import('../input/local-host.ts');
  return `${await (await localHost(hostFunctions))?.types()}\n`;
}

async function typesOfHost(file: string, directory: string): Promise<string> {
  const { loadModule, setupOf } = await import('../../runtime/host-functions-file.ts');
  const exports = await loadModule(file);
  const host = new HostFunctions();
  setupOf(exports)(host);
  const path = relative(directory, resolve(file)).split(sep).join('/');
  const { default: _, ...named } = exports;
  return hostTypes(host.names, new Set(Object.keys(named)), path.startsWith('.') ? path : `./${path}`);
}
