import { basename } from 'node:path';
import { API_VERSION } from '../../api/crd.ts';
import { MAX_SOURCE_BYTES } from '../../api/limits.ts';
import type { ManifestProblem } from '../../api/origin.ts';
import type { ScriptExecution } from '../../api/types.generated.ts';
import { validateObject } from '../../api/validate.ts';

/** Leaves room for a numeric suffix within the length of a label. */
const MAX_NAME = 56;

/**
 * The execution of a script without a manifest.
 *
 * @param taken names of existing executions; the new name is added
 */
export function bareExecution(
  file: string,
  source: string,
  namespace: string,
  taken: Set<string>,
): { execution: ScriptExecution } | { problems: ManifestProblem[] } {
  const object = {
    apiVersion: API_VERSION,
    kind: 'ScriptExecution',
    metadata: { name: freeName(objectName(file), taken), namespace },
    spec: { language: /\.m?ts$/i.test(file) ? 'TypeScript' : 'JavaScript', source },
  };
  // The one rule that it may break counts bytes: a character takes three of them at most.
  const rules = 3 * source.length > MAX_SOURCE_BYTES;
  const validated = validateObject('ScriptExecution', object, { rules });
  if (validated.ok) return { execution: validated.object };
  const problems = validated.errors.map(({ message, hint }) => ({
    file,
    document: 1,
    path: '',
    line: 1,
    column: 1,
    message: source === '' ? 'the script is empty' : `the script ${message}`,
    ...(hint === undefined ? {} : { hint }),
  }));
  return { problems };
}

/** A valid object name (RFC 1123) derived from a file name: `Price Rule.ts` gives `price-rule`. */
export function objectName(file: string): string {
  const name = basename(file)
    .replace(/\.\w+$/, '')
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{Mn}+/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, MAX_NAME)
    .replace(/^-+|-+$/g, '');
  return name === '' ? 'script' : name;
}

/** Files of the same name in different directories become different executions. */
function freeName(name: string, taken: Set<string>): string {
  let free = name;
  for (let number = 2; taken.has(free); number++) free = `${name}-${number}`;
  taken.add(free);
  return free;
}
