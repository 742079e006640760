import type { JsonValue } from '../../api/json.ts';
import { INEXACT } from '../../api/manifest.ts';
import { type ManifestProblem, Origin } from '../../api/origin.ts';
import { UsageError } from '../../api/usage-error.ts';
import { readJsonSource, readSource } from '../../api/yaml-source.ts';
import { readText } from './read-text.ts';

/** The one document of a file that an option names. */
export interface FileDocument {
  /** null where there are problems. */
  readonly value: JsonValue;
  readonly origin: Origin;
  readonly problems: readonly ManifestProblem[];
  /** Numbers with more digits than JavaScript keeps. */
  readonly warnings: readonly ManifestProblem[];
}

/**
 * Reads the one document of a file, with the rules of manifests: what is JSON there is JSON here. A file that is named as
 * JSON is nothing else.
 *
 * @throws UsageError where there is none, or more than one
 */
export async function readDocument(path: string): Promise<FileDocument> {
  const text = await readText(path);
  const { documents, problems, lines } = /\.json$/i.test(path) ? readJsonSource(text) : readSource(text);
  const [document, second] = documents;
  if (problems.length === 0 && (document === undefined || second !== undefined)) {
    throw new UsageError(`${path}: must hold one document, not ${documents.length}`);
  }
  const origin = new Origin(path, 1, document?.source ?? { offset: 0 }, lines);
  return {
    value: document?.value ?? null,
    origin,
    problems: problems.map((problem) => ({ file: path, path: '', ...problem })),
    warnings: document?.inexact.map((offset) => origin.problemAt(offset, INEXACT)) ?? [],
  };
}
