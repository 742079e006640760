import { writeFile } from 'node:fs/promises';
import { dirname, relative, resolve, sep } from 'node:path';
import { unreadable } from '../../api/usage-error.ts';
import { HostFunctions } from '../../runtime/host-calls.ts';
import { EXIT } from '../exit-code.ts';
import { GUEST_TYPES, TEST_TYPES } from './guest-types.ts';
import { hostTypes } from './host-types.ts';

export interface TypesCommandOptions {
  readonly hostFunctions?: string;
  readonly output?: string;
}

const HEADER = '// What Copepod scripts see. Made by `copepod types`: make it again rather than change it.\n\n';

/** `copepod types`: prints declarations, or writes them to a file. Returns the exit code. */
export async function typesCommand({ hostFunctions, output }: TypesCommandOptions): Promise<number> {
  const directory = output === undefined ? process.cwd() : dirname(resolve(output));
  const host = hostFunctions === undefined ? '' : await typesOfHost(hostFunctions, directory);
  const text = [HEADER + GUEST_TYPES, ...(host === '' ? [] : [host]), TEST_TYPES].join('\n');
  if (output === undefined) process.stdout.write(text);
  else {
    await writeFile(output, text).catch((error: unknown) => {
      throw unreadable(output, error);
    });
    process.stderr.write(`copepod: wrote ${output}\n`);
  }
  return EXIT.ok;
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
