import { lstat, readFile, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { ReadFile } from '../../runtime/types.ts';

/**
 * Reads what a script imports: files below its folder. A file that a symbolic link leads out of there is not one of them.
 */
export function importedFiles(folder: string): ReadFile {
  return async (name) => {
    const path = join(folder, name);
    try {
      const [root, real] = await Promise.all([realpath(folder === '' ? '.' : folder), realpath(path)]);
      if (!real.startsWith(root === sep ? sep : `${root}${sep}`) || !(await lstat(real)).isFile()) return undefined;
      return await readFile(real, 'utf8');
    } catch {
      return undefined;
    }
  };
}
