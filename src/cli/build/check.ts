import { stat } from 'node:fs/promises';
import { checkConfigMap } from '../../api/config-map.ts';
import type { FieldError } from '../../api/field-path.ts';
import type { JsonObject, JsonValue } from '../../api/json.ts';
import { UsageError, unreadable } from '../../api/usage-error.ts';
import { validateObject } from '../../api/validate.ts';
import { readDocument } from '../input/read-document.ts';
import { readText } from '../input/read-text.ts';
import { problemsCount, problemsText, warningsText } from '../output/problems.ts';
import { terminalStyle } from '../output/style.ts';
import { paramsErrors } from '../validate/refusals.ts';

const SCRIPT = /\.(m?js|m?ts)$/i;

/**
 * Checks the entry of a build. esbuild would report a missing file as an import that cannot be resolved, and an empty one not at all.
 * @throws UsageError unless it is the file of a script that is not empty
 */
export async function checkEntry(entry: string): Promise<void> {
  if (entry === '-') throw new UsageError('a script is not read from standard input', 'name a file');
  const stats = await stat(entry).catch((error: unknown) => {
    throw unreadable(entry, error);
  });
  if (stats.isDirectory()) throw new UsageError(`${entry}: is a directory`, 'name the script in it that is run');
  if (!SCRIPT.test(entry)) throw new UsageError(`${entry}: is no script`, 'one ends in .ts, .mts, .js or .mjs');
  if ((await readText(entry)).trim() === '') throw new UsageError(`${entry}: the script is empty`);
}

/** @throws UsageError for an option that would have no effect */
export function checkOptions({
  kind,
  output,
  paramsFile,
  runtime,
}: {
  readonly kind: string;
  readonly output: string;
  readonly paramsFile?: string;
  readonly runtime?: string;
}): void {
  const what = output === 'js' ? '-o js writes the script alone' : '--kind ConfigMap holds the script alone';
  if (kind === 'ScriptExecution' && output !== 'js') return;
  for (const [option, value] of Object.entries({ '--params-file': paramsFile, '--runtime': runtime })) {
    if (value !== undefined) throw new UsageError(`${option} sets a field of a ScriptExecution; ${what}`);
  }
}

/** The params of a file; 'invalid' where they cannot be parsed, after the problems have been printed. */
export async function paramsOf(file: string): Promise<JsonValue | 'invalid'> {
  const { value, problems, warnings } = await readDocument(file);
  const style = terminalStyle(process.stderr);
  process.stderr.write(warningsText(warnings, style) + problemsText(problems, style));
  if (problems.length > 0) {
    process.stderr.write(`copepod: ${problemsCount(problems)}: nothing is built\n`);
    return 'invalid';
  }
  for (const { message } of paramsErrors(value)) throw new UsageError(`${file}: ${message}`);
  return value;
}

/** Options by the fields that they set. */
const OPTIONS: Readonly<Record<string, string>> = {
  'metadata.name': '--name',
  'metadata.namespace': '--namespace',
  'spec.runtimeRef.name': '--runtime',
};

/** @throws UsageError for a manifest that no API server takes; it names the option that sets the field */
export function checkManifest(manifest: JsonObject): void {
  const checked =
    manifest.kind === 'ConfigMap' ? checkConfigMap(manifest) : validateObject('ScriptExecution', manifest);
  const [error] = checked.ok ? [] : checked.errors;
  if (error !== undefined) throw new UsageError(`${nameOf(error)}: ${error.message}`, error.hint);
}

const nameOf = ({ path }: FieldError): string => OPTIONS[path] ?? path;
