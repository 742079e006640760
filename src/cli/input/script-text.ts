import { basename } from 'node:path';
import { type ConfigMap, SOURCE_LABEL } from '../../api/config-map.ts';
import { sourceDigest } from '../../api/digest.ts';
import { type FieldPath, fieldError } from '../../api/field-path.ts';
import type { ManifestDocument } from '../../api/manifest.ts';
import type { ManifestProblem, Origin } from '../../api/origin.ts';
import type { ScriptExecution } from '../../api/types.generated.ts';

/** A place in a file, both numbers from 1. */
export interface Place {
  readonly file: string;
  readonly document: number;
  /** Field that holds the script; empty where the file is the script. */
  readonly path: string;
  readonly line: number;
  readonly column: number;
  /** The place is the field's, not that of the line in the script: the script is not written line by line. */
  readonly approximate: boolean;
}

/** The script of an execution, wherever it came from. */
export interface ScriptText {
  /** File name that stacks show. */
  readonly name: string;
  readonly source: string;
  /** Digest of what `sourceFrom` gave. */
  readonly digest?: string;
  /** Its file is a symbolic link, perhaps to no script: an error must not show lines of it. */
  readonly linked: boolean;
  /** Where a place of the script is in the files. */
  locate(line: number, column: number): Place;
}

/** A script that is a file of its own. */
export function fileScript(file: string, source: string, linked = false): ScriptText {
  const locate = (line: number, column: number) => ({ file, document: 1, path: '', line, column, approximate: false });
  return { name: basename(file), source, linked, locate };
}

/** ConfigMaps of the manifests, by namespace and name. */
export type ConfigMaps = ReadonlyMap<string, ManifestDocument<ConfigMap>>;

export const configMapKey = (namespace: string, name: string): string => `${namespace}/${name}`;

/**
 * The script of an execution, or why there is none.
 *
 * @param at where its spec is in the document that it comes from
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
  if (found === undefined) return fail('name', `${map} is not in the files given`, 'add the file that holds it');
  if (found.object.metadata.labels?.[SOURCE_LABEL] !== 'true') {
    const { file, document } = found.origin;
    const { line } = found.origin.position(['metadata']);
    const hint = `add the label at ${file}:${line} (document ${document})`;
    return fail('name', `${map} lacks the label ${SOURCE_LABEL}: "true", so nobody reads it`, hint);
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
