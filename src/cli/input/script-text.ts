import { basename, dirname, join } from 'node:path';
import { type ConfigMap, SOURCE_LABEL } from '../../api/config-map.ts';
import { type FieldPath, fieldError } from '../../api/field-path.ts';
import type { ManifestDocument } from '../../api/manifest.ts';
import type { ManifestProblem, Origin } from '../../api/origin.ts';
import {
  type FileTexts,
  fileReferences,
  importedFileName,
  type ScriptFiles,
  scriptFiles,
  scriptLanguage,
} from '../../api/script-files.ts';
import type { ScriptExecution, ScriptRuntime } from '../../api/types.generated.ts';
import { bundledPlace } from '../bundle/bundled-place.ts';
import { ImportedFiles } from './imported-files.ts';

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
  readonly language: ScriptExecution['spec']['language'];
  /** Digest of what comes from ConfigMaps. */
  readonly digest?: string | undefined;
  /** Its file is a symbolic link, possibly not to a script: errors must not show its lines. */
  readonly linked: boolean;
  /** The files on disk that it may import. */
  readonly imported?: ImportedFiles;
  /** Files from ConfigMaps that it may import, by name. */
  readonly files: FileTexts;
  /** The import map of its runtime: names of `files` by specifier. */
  readonly imports: Readonly<Record<string, string>>;
  /** Maps a position of the script to the files. */
  locate(line: number, column: number): Place;
  /** Maps a position of one of `files`. */
  locateIn(file: string, line: number, column: number): Place | undefined;
}

/** A position in a file of a script. */
export interface ScriptPosition {
  /** The script itself where left out. */
  readonly file?: string | undefined;
  readonly line: number;
  readonly column: number;
}

/**
 * Where a script has a position that its author has in a file of which a bundle is made.
 *
 * @returns undefined if the position is one of the script's own files
 */
export function bundledPosition(
  script: ScriptText,
  { file, line, column }: ScriptPosition,
): ScriptPosition | undefined {
  if (file === undefined) return undefined;
  const texts = [[script.name, script.source], ...Object.entries(script.files), ...(script.imported?.texts ?? [])];
  for (const [name, text] of texts as [string, string][]) {
    const place = bundledPlace(text, name, { file, line, column });
    if (place !== undefined) return { file: name, ...place };
  }
  return undefined;
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
  const { imported: onDisk, name } = script;
  if (file === undefined || file === name) return { ...script.locate(line, column), imported: false };
  const place = script.locateIn(file, line, column);
  if (place !== undefined) return { ...place, imported: true };
  if (onDisk === undefined) return { ...script.locate(line, column), imported: false };
  return { file: join(onDisk.folder, file), document: 1, path: '', line, column, approximate: false, imported: true };
}

/** The text that an error's position is in; undefined if it is not at hand. */
export function textOf(script: ScriptText, file?: string): string | undefined {
  if (file === undefined || file === script.name) return script.source;
  return Object.hasOwn(script.files, file) ? script.files[file] : script.imported?.textOf(file);
}

/** What a script in a file of its own needs beside it. */
export interface FileSurroundings extends Pick<Surroundings, 'runtime' | 'configMaps'> {
  readonly execution: ScriptExecution;
  /** Called with the path of each file on disk that it imports. */
  readonly onImport?: (path: string) => void;
}

/** A script in a file of its own. */
export function fileScript(
  file: string,
  source: string,
  linked: boolean,
  { execution, runtime, configMaps, onImport }: FileSurroundings,
): ScriptText {
  const locate = (line: number, column: number) => ({ file, document: 1, path: '', line, column, approximate: false });
  const imported = linked || file === '-' ? {} : { imported: new ImportedFiles(dirname(file), onImport) };
  const { namespace } = execution.metadata;
  const {
    files = {},
    imports = {},
    digest,
  } = scriptFiles(undefined, runtime?.object.spec.imports, (map) => dataOf(configMaps, namespace, map)) ?? {};
  return {
    name: basename(file),
    source,
    language: execution.spec.language,
    linked,
    locate,
    locateIn: locatorOfFiles(configMaps, namespace, undefined, runtime),
    files,
    imports,
    digest,
    ...imported,
  };
}

/** ConfigMaps of the manifests, by namespace and name. */
export type ConfigMaps = ReadonlyMap<string, ManifestDocument<ConfigMap>>;

/** What an execution needs beside its own document. */
export interface Surroundings {
  /** Path of its spec in its document. */
  readonly at: FieldPath;
  readonly configMaps: ConfigMaps;
  /** The runtime it runs on, if that is in the files. */
  readonly runtime: ManifestDocument<ScriptRuntime> | undefined;
}

export const configMapKey = (namespace: string, name: string): string => `${namespace}/${name}`;

/** The script of an execution, or the problem if there is none. Imports of the runtime that are missing are left out. */
export function scriptOf(
  { object, origin }: ManifestDocument<ScriptExecution>,
  { at, configMaps, runtime }: Surroundings,
): ScriptText | ManifestProblem {
  const { metadata, spec } = object;
  const { namespace } = metadata;
  const { source, sourceFrom, language } = spec;
  const problem = sourceFromProblem(sourceFrom, namespace, configMaps, origin, [...at, 'sourceFrom']);
  if (problem !== undefined) return problem;
  const read = (imports: ScriptRuntime['spec']['imports']) =>
    scriptFiles(sourceFrom, imports, (map) => dataOf(configMaps, namespace, map));
  const { script, files, imports, digest } = read(runtime?.object.spec.imports) ?? (read(undefined) as ScriptFiles);
  const name = script?.name ?? `${metadata.name}.${language === 'TypeScript' ? 'ts' : 'js'}`;
  const [own] = fileReferences(sourceFrom);
  const found = own && configMaps.get(configMapKey(namespace, own.configMap));
  return {
    name,
    source: script?.text ?? source ?? '',
    language: scriptLanguage(name, language),
    digest,
    linked: false,
    files,
    imports,
    locate: found && own ? locator(found.origin, ['data', own.key]) : locator(origin, [...at, 'source']),
    locateIn: locatorOfFiles(configMaps, namespace, sourceFrom?.configMapRef?.name, runtime),
  };
}

/** What a runtime imports and is not in the files. */
export function importProblems(
  { object, origin }: ManifestDocument<ScriptRuntime>,
  configMaps: ConfigMaps,
): ManifestProblem[] {
  return fileReferences(undefined, object.spec.imports).flatMap(({ configMap, key, specifier = '' }) => {
    const at = ['spec', 'imports', specifier, 'configMapKeyRef'];
    const reference = { namespace: object.metadata.namespace, name: configMap, key, keyField: 'key' };
    return referenceProblem(reference, configMaps, origin, at) ?? [];
  });
}

function sourceFromProblem(
  sourceFrom: ScriptExecution['spec']['sourceFrom'],
  namespace: string,
  configMaps: ConfigMaps,
  origin: Origin,
  at: FieldPath,
): ManifestProblem | undefined {
  const [own] = fileReferences(sourceFrom);
  if (own === undefined) return undefined;
  const [field, keyField] = sourceFrom?.configMapRef ? ['configMapRef', 'main'] : ['configMapKeyRef', 'key'];
  const reference = { namespace, name: own.configMap, key: own.key, keyField };
  return referenceProblem(reference, configMaps, origin, [...at, field]);
}

/** Why a key of a ConfigMap cannot be read; undefined if it can. */
function referenceProblem(
  { namespace, name, key, keyField }: { namespace: string; name: string; key: string; keyField: string },
  configMaps: ConfigMaps,
  origin: Origin,
  at: FieldPath,
): ManifestProblem | undefined {
  const found = configMaps.get(configMapKey(namespace, name));
  const map = `ConfigMap ${namespace}/${name}`;
  const fail = (field: string, message: string, hint: string) =>
    origin.problem(fieldError([...at, field], message, hint));
  if (found === undefined) return fail('name', `${map} is not in the files given`, 'add the file that contains it');
  if (found.object.metadata.labels?.[SOURCE_LABEL] !== 'true') {
    const { file, document } = found.origin;
    const { line } = found.origin.position(['metadata']);
    const hint = `add the label at ${file}:${line} (document ${document})`;
    return fail('name', `${map} lacks the label ${SOURCE_LABEL}: "true", which ${labelUser(at)} requires`, hint);
  }
  if (Object.hasOwn(found.object.data, key)) return undefined;
  const keys = Object.keys(found.object.data);
  const hint = keys.length === 0 ? 'its data is empty' : `its keys are: ${keys.join(', ')}`;
  return fail(keyField, `${map} has no key ${key}`, hint);
}

const labelUser = (at: FieldPath): string => (at.includes('sourceFrom') ? 'sourceFrom' : 'imports');

const dataOf = (configMaps: ConfigMaps, namespace: string, name: string): FileTexts | undefined =>
  configMaps.get(configMapKey(namespace, name))?.object.data;

/** Finds positions of files from ConfigMaps: those of a runtime's imports, and those of a script's own ConfigMap. */
function locatorOfFiles(
  configMaps: ConfigMaps,
  namespace: string,
  own: string | undefined,
  runtime: ManifestDocument<ScriptRuntime> | undefined,
): ScriptText['locateIn'] {
  return (file, line, column) => {
    const imported = fileReferences(undefined, runtime?.object.spec.imports).find(
      ({ configMap, key }) => importedFileName(configMap, key) === file,
    );
    const [name, key] = imported === undefined ? [own, file] : [imported.configMap, imported.key];
    const found = name === undefined ? undefined : configMaps.get(configMapKey(namespace, name));
    if (found === undefined || !Object.hasOwn(found.object.data, key)) return undefined;
    return locator(found.origin, ['data', key])(line, column);
  };
}

function locator(origin: Origin, field: FieldPath): ScriptText['locate'] {
  return (line, column) => {
    const { file, document, path } = origin.problem(fieldError(field, ''));
    const exact = origin.scriptPosition(field, line, column);
    return { file, document, path, ...(exact ?? origin.position(field)), approximate: exact === undefined };
  };
}
