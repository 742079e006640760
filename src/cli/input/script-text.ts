import { basename, dirname, join } from 'node:path';
import { type ConfigMap, SOURCE_LABEL } from '../../api/config-map.ts';
import { sourceDigest } from '../../api/digest.ts';
import { type FieldPath, fieldError } from '../../api/field-path.ts';
import type { ManifestDocument } from '../../api/manifest.ts';
import type { ManifestProblem, Origin } from '../../api/origin.ts';
import type { ScriptExecution } from '../../api/types.generated.ts';

/** A position in a file; line and column from 1. */
export interface Place {
  readonly file: string;
  readonly document: number;
  /** Field that contains the script; empty if the file is the script. */
  readonly path: string;
  readonly line: number;
  readonly column: number;
  /** The position is that of the field, because the script is not a literal block. */
  readonly approximate: boolean;
}

/** The script of an execution, from any source. */
export interface ScriptText {
  /** File name in stacks. */
  readonly name: string;
  readonly source: string;
  /** Digest of the text from `sourceFrom`. */
  readonly digest?: string;
  /** Its file is a symbolic link, possibly not to a script: errors must not show its lines. */
  readonly linked: boolean;
  /** The folder whose files it may import. */
  readonly folder?: string;
  /** Maps a position of the script to the files. */
  locate(line: number, column: number): Place;
}

/**
 * The position of an error. One in an imported file is a position of that file.
 *
 * @param file the file that an error names
 */
export function placeIn(
  script: ScriptText,
  line: number,
  column: number,
  file?: string,
): Place & { imported: boolean } {
  const { folder, name } = script;
  if (file === undefined || file === name || folder === undefined) {
    return { ...script.locate(line, column), imported: false };
  }
  return { file: join(folder, file), document: 1, path: '', line, column, approximate: false, imported: true };
}

/** A script in a file of its own. */
export function fileScript(file: string, source: string, linked = false): ScriptText {
  const locate = (line: number, column: number) => ({ file, document: 1, path: '', line, column, approximate: false });
  const folder = linked || file === '-' ? {} : { folder: dirname(file) };
  return { name: basename(file), source, linked, locate, ...folder };
}

/** ConfigMaps of the manifests, by namespace and name. */
export type ConfigMaps = ReadonlyMap<string, ManifestDocument<ConfigMap>>;

export const configMapKey = (namespace: string, name: string): string => `${namespace}/${name}`;

/**
 * The script of an execution, or the problem if there is none.
 *
 * @param at path of its spec in its document
 */
export function scriptOf(
  { object, origin }: ManifestDocument<ScriptExecution>,
  at: FieldPath,
  configMaps: ConfigMaps,
): ScriptText | ManifestProblem {
  const { metadata, spec } = object;
  const name = `${metadata.name}.${spec.language === 'TypeScript' ? 'ts' : 'js'}`;
  if (spec.source !== undefined)
    return { name, source: spec.source, linked: false, locate: locator(origin, [...at, 'source']) };

  const { name: mapName = '', key = '' } = spec.sourceFrom?.configMapKeyRef ?? {};
  const found = configMaps.get(configMapKey(metadata.namespace, mapName));
  const map = `ConfigMap ${metadata.namespace}/${mapName}`;
  const fail = (field: string, message: string, hint: string) =>
    origin.problem(fieldError([...at, 'sourceFrom', 'configMapKeyRef', field], message, hint));
  if (found === undefined) return fail('name', `${map} is not in the files given`, 'add the file that contains it');
  if (found.object.metadata.labels?.[SOURCE_LABEL] !== 'true') {
    const { file, document } = found.origin;
    const { line } = found.origin.position(['metadata']);
    const hint = `add the label at ${file}:${line} (document ${document})`;
    return fail('name', `${map} lacks the label ${SOURCE_LABEL}: "true", which sourceFrom requires`, hint);
  }
  if (!Object.hasOwn(found.object.data, key)) {
    const keys = Object.keys(found.object.data);
    const hint = keys.length === 0 ? 'its data is empty' : `its keys are: ${keys.join(', ')}`;
    return fail('key', `${map} has no key ${key}`, hint);
  }
  const source = found.object.data[key] as string;
  return { name, source, digest: sourceDigest(source), linked: false, locate: locator(found.origin, ['data', key]) };
}

function locator(origin: Origin, field: FieldPath): ScriptText['locate'] {
  return (line, column) => {
    const { file, document, path } = origin.problem(fieldError(field, ''));
    const exact = origin.scriptPosition(field, line, column);
    return { file, document, path, ...(exact ?? origin.position(field)), approximate: exact === undefined };
  };
}
