import { mkdir, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { UsageError, unreadable } from '../../api/usage-error.ts';
import { EXIT } from '../exit-code.ts';
import { objectName } from '../input/bare-script.ts';
import { packageDirectory } from '../package-directory.ts';
import { projectFiles } from './project-files.ts';

/** `copepod init`: writes a project, and replaces nothing. Returns the exit code. */
export async function initCommand(directory: string): Promise<number> {
  const name = objectName(basename(resolve(directory)).replaceAll('.', '-'));
  const files = projectFiles(name);
  if (directory === '') throw unreadable(directory, undefined);
  const isFile = await stat(directory).then(
    (stats) => !stats.isDirectory(),
    () => false,
  );
  if (isFile) throw new UsageError(`${directory}: is no directory`, 'name another');
  const present: string[] = [];
  for (const path of Object.keys(files)) if (await exists(join(directory, path))) present.push(path);
  if (present.length > 0) {
    throw new UsageError(
      `${directory}: already has ${present.join(', ')}`,
      'name another directory: existing files are not replaced',
    );
  }
  for (const [path, text] of Object.entries(files)) {
    const file = join(directory, path);
    try {
      await makeDirectory(dirname(file));
      // With wx, a file that has come since is not replaced either.
      await writeFile(file, text, { flag: 'wx' });
    } catch (error) {
      throw unreadable(file, error);
    }
    process.stdout.write(`${file}\n`);
  }
  process.stdout.write(NEXT(directory));
  return EXIT.ok;
}

const [NODE_MAJOR] = process.versions.node.split('.');

const NEXT = (directory: string): string => `
Next:${directory === '.' ? '' : `\n  cd ${directory}`}
  npm install -D ${ownSpecifier(directory)} node@${NODE_MAJOR}
                    copepod, the Node that it needs, and TypeScript for the editor and for 'npm run check'
  npm test          the tests, each in a sandbox
  npm run -s build  a manifest, for 'copepod run -' and 'kubectl apply -f -'
`;

/** What npm installs this copepod by: its name, or the path of the clone that it runs from. */
function ownSpecifier(directory: string): string {
  const own = packageDirectory();
  return own.includes(`${sep}node_modules${sep}`) ? 'copepod' : relative(resolve(directory), own);
}

/** Makes a directory and those above it. Where none can be made, as in /proc, Node's own recursion does not end. */
async function makeDirectory(path: string): Promise<void> {
  if (await exists(path)) return;
  const above = dirname(path);
  if (above !== path) await makeDirectory(above);
  await mkdir(path);
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
