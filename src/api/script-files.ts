import { filesDigest, sourceDigest } from './digest.ts';
import { MAX_PROGRAM_BYTES, MAX_PROGRAM_FILES } from './limits.ts';
import type { ScriptExecutionSpec, ScriptRuntimeSpec } from './types.generated.ts';

/** Texts of files by name. */
export type FileTexts = Readonly<Record<string, string>>;

/** A key of a ConfigMap that a run reads. */
export interface FileReference {
  readonly configMap: string;
  readonly key: string;
  /** The specifier that the runtime's import map has for it; undefined for `sourceFrom`. */
  readonly specifier?: string;
}

/** All that a run reads from ConfigMaps. */
export interface ScriptFiles {
  /** The script; undefined if the execution contains it. Its name is undefined if it is the execution's. */
  readonly script?: { readonly name?: string; readonly text: string } | undefined;
  /** Files that the script may import, by name. */
  readonly files: FileTexts;
  /** The import map: names of `files` by specifier. */
  readonly imports: Readonly<Record<string, string>>;
  /** Digest of all of it; undefined if nothing is from a ConfigMap. */
  readonly digest?: string | undefined;
}

type SourceFrom = ScriptExecutionSpec['sourceFrom'];
type Imports = ScriptRuntimeSpec['imports'];

/**
 * Name of a file of a runtime's import map, in errors and stacks. A slash, which no key of a ConfigMap contains, keeps it
 * apart from the files of scripts.
 */
export const importedFileName = (configMap: string, key: string): string => `@runtime/${configMap}/${key}`;

/** The keys of ConfigMaps that a run needs. Pure. */
export function fileReferences(sourceFrom: SourceFrom, imports: Imports = {}): FileReference[] {
  const { configMapKeyRef: one, configMapRef: many } = sourceFrom ?? {};
  return [
    ...(one === undefined ? [] : [{ configMap: one.name, key: one.key }]),
    ...(many === undefined ? [] : [{ configMap: many.name, key: many.main }]),
    ...Object.entries(imports).map(([specifier, { configMapKeyRef }]) => {
      return { configMap: configMapKeyRef.name, key: configMapKeyRef.key, specifier };
    }),
  ];
}

/**
 * Puts together what a run reads from ConfigMaps. Pure.
 *
 * @param dataOf the `data` of a ConfigMap, in the one version that this run reads
 * @returns undefined if a ConfigMap or a key does not exist
 */
export function scriptFiles(
  sourceFrom: SourceFrom,
  imports: Imports,
  dataOf: (configMap: string) => FileTexts | undefined,
): ScriptFiles | undefined {
  const texts = new Map<FileReference, string>();
  for (const reference of fileReferences(sourceFrom, imports)) {
    const data = dataOf(reference.configMap);
    if (data === undefined || !Object.hasOwn(data, reference.key)) return undefined;
    texts.set(reference, data[reference.key] as string);
  }
  const imported = [...texts].flatMap(([{ configMap, key, specifier }, text]) =>
    specifier === undefined ? [] : [{ specifier, name: importedFileName(configMap, key), text }],
  );
  const own = ownFiles(sourceFrom, dataOf);
  return {
    script: own.script,
    // Not by assignment: a key may be `__proto__`.
    files: Object.fromEntries([...own.others, ...imported.map(({ name, text }) => [name, text])]),
    imports: Object.fromEntries(imported.map(({ specifier, name }) => [specifier, name])),
    digest:
      imported.length === 0
        ? own.digest
        : sourceDigest(JSON.stringify([own.digest ?? null, imported.sort(bySpecifier).map(Object.values)])),
  };
}

interface OwnFiles {
  readonly script?: ScriptFiles['script'];
  readonly others: readonly [string, string][];
  readonly digest?: string;
}

/** The files of `sourceFrom`. */
function ownFiles(sourceFrom: SourceFrom, dataOf: (configMap: string) => FileTexts | undefined): OwnFiles {
  const { configMapKeyRef: one, configMapRef: many } = sourceFrom ?? {};
  if (one !== undefined) {
    const text = dataOf(one.name)?.[one.key] ?? '';
    return { script: { text }, others: [], digest: sourceDigest(text) };
  }
  if (many === undefined) return { others: [] };
  const data = dataOf(many.name) ?? {};
  return {
    script: { name: many.main, text: data[many.main] ?? '' },
    others: Object.entries(data).filter(([name]) => name !== many.main),
    digest: filesDigest(data),
  };
}

const bySpecifier = (a: { specifier: string }, b: { specifier: string }): number =>
  a.specifier < b.specifier ? -1 : 1;

/** Language of a script: that of its file's ending if it is TypeScript's, else the execution's. Pure. */
export function scriptLanguage(
  name: string,
  language: ScriptExecutionSpec['language'],
): ScriptExecutionSpec['language'] {
  return /\.[cm]?ts$/.test(name) ? 'TypeScript' : language;
}

/** What is too much of a script and its files; undefined if nothing is. Pure. */
export function filesExcess({ source, files = {} }: { source: string; files?: FileTexts }): string | undefined {
  const others = Object.values(files);
  if (others.length >= MAX_PROGRAM_FILES) {
    return `the script has ${others.length + 1} files; at most ${MAX_PROGRAM_FILES} are taken`;
  }
  // A unit of UTF-16 is three bytes at most.
  const length = others.reduce((sum, text) => sum + text.length, source.length);
  if (3 * length <= MAX_PROGRAM_BYTES) return undefined;
  const bytes = others.reduce((sum, text) => sum + Buffer.byteLength(text), Buffer.byteLength(source));
  const what = others.length === 0 ? 'the source has' : "the script's files have";
  return bytes > MAX_PROGRAM_BYTES ? `${what} ${bytes} bytes; at most ${MAX_PROGRAM_BYTES} are taken` : undefined;
}
