/** Has a process name each module that it loads on standard error. */
const NAMES_MODULES = `import { writeSync } from 'node:fs';
import { registerHooks } from 'node:module';
registerHooks({ load: (url, context, next) => (writeSync(2, url + '\\n'), next(url, context)) });`;

/** Value of NODE_OPTIONS with which a process writes the URL of each module that it loads to standard error, a line each. */
export const NAMING_MODULES = `--import=data:text/javascript,${encodeURIComponent(NAMES_MODULES)}`;

/** URLs of the files among those modules. */
export const loadedFiles = (stderr: string): string[] => stderr.split('\n').filter((line) => line.startsWith('file:'));
