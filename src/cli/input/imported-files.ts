import { lstat, readFile, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';

/**
 * Reads what a script imports: files below its folder. A file that a symbolic link leads out of there is not one of them.
 */
export class ImportedFiles {
  readonly folder: string;
  readonly #onImport: (path: string) => void;
  readonly #texts = new Map<string, string>();

  /** @param onImport called with the path of each file that is asked for, whether it exists or not */
  constructor(folder: string, onImport: (path: string) => void = () => {}) {
    this.folder = folder;
    this.#onImport = onImport;
  }

  /** The text of a file that has been read. */
  textOf(name: string): string | undefined {
    return this.#texts.get(name);
  }

  /** The files that have been read, with their texts. */
  get texts(): ReadonlyMap<string, string> {
    return this.#texts;
  }

  /** Reads a file by its path from the folder; undefined if there is none. */
  readonly read = async (name: string): Promise<string | undefined> => {
    const { folder } = this;
    const path = join(folder, name);
    this.#onImport(path);
    try {
      const [root, real] = await Promise.all([realpath(folder === '' ? '.' : folder), realpath(path)]);
      if (!real.startsWith(root === sep ? sep : `${root}${sep}`) || !(await lstat(real)).isFile()) return undefined;
      const text = await readFile(real, 'utf8');
      this.#texts.set(name, text);
      return text;
    } catch {
      return undefined;
    }
  };
}
