import type { JsonValue } from '../../api/json.ts';
import { UsageError } from '../../api/usage-error.ts';
import { readSource } from '../../api/yaml-source.ts';
import { readText } from './read-text.ts';

/**
 * Reads the one document of a file, as JSON or YAML.
 *
 * @throws UsageError where there is none, or where it does not read
 */
export async function readDocument(path: string): Promise<JsonValue> {
  const { documents, problems } = readSource(await readText(path));
  const [problem] = problems;
  if (problem !== undefined) {
    throw new UsageError(`${path}:${problem.line}:${problem.column}: ${problem.message}`, problem.hint);
  }
  const [document] = documents;
  if (document === undefined || documents.length > 1) {
    throw new UsageError(`${path}: must hold one document, not ${documents.length}`);
  }
  return document.value;
}
