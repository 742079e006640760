import { writeFile } from 'node:fs/promises';
import { Document } from 'yaml';
import type { JsonObject, JsonValue } from '../../api/json.ts';
import { MAX_PROGRAM_BYTES, MAX_SOURCE_BYTES } from '../../api/limits.ts';
import { UsageError, unreadable } from '../../api/usage-error.ts';
import { type Bundle, bundle } from '../bundle/bundle.ts';
import { reduceMap } from '../bundle/reduce-map.ts';
import { EXIT } from '../exit-code.ts';
import { objectName } from '../input/bare-script.ts';
import { jsonText } from '../output/list.ts';
import { checkEntry, checkManifest, checkOptions, paramsOf } from './check.ts';
import { scriptManifest } from './script-manifest.ts';

export interface BuildCommandOptions {
  readonly kind: 'ScriptExecution' | 'ConfigMap';
  readonly output: 'yaml' | 'json' | 'js';
  readonly file?: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly paramsFile?: string;
  readonly runtime?: string;
  readonly minify?: boolean;
  readonly sourceMap: boolean;
}

/** A part of a bundle that is told of. */
const LARGE_BYTES = 10_000;
const MAX_TOLD = 8;

/** `copepod build`: bundles a script, and writes it as a manifest. Returns the exit code. */
export async function buildCommand(entry: string, options: BuildCommandOptions): Promise<number> {
  const { kind, output, namespace, runtime } = options;
  await checkEntry(entry);
  checkOptions(options);
  const params = options.paramsFile === undefined ? undefined : await paramsOf(options.paramsFile);
  if (params === 'invalid') return EXIT.usage;
  const name = options.name ?? objectName(entry);
  const manifestOf = (source: string) =>
    scriptManifest(source, { kind, name, namespace, params, runtime, key: `${name}.js` });
  // Before anything is bundled, which may take seconds.
  checkManifest(manifestOf('0'));
  const { source, report } = await buildScript(entry, options);
  process.stderr.write(report);
  const manifest = manifestOf(source);
  checkManifest(manifest);
  const text = output === 'js' ? source : output === 'json' ? jsonText(manifest) : yamlText(manifest);
  if (options.file === undefined) process.stdout.write(text);
  else {
    const { file } = options;
    await writeFile(file, text).catch((error: unknown) => {
      throw unreadable(file, error);
    });
  }
  return EXIT.ok;
}

/** The script, as readable as it fits: minified, and with less of its source map, only where that is asked for or needed. */
export async function buildScript(
  entry: string,
  options: Pick<BuildCommandOptions, 'kind' | 'output' | 'minify' | 'sourceMap'>,
): Promise<{ source: string; report: string }> {
  const isInline = options.kind === 'ScriptExecution' && options.output !== 'js';
  const limit = isInline ? MAX_SOURCE_BYTES : MAX_PROGRAM_BYTES;
  const readable = await bundle({ file: entry }, { minify: options.minify ?? false });
  let tried = readable;
  for (const { minify, map } of WAYS) {
    if (minify && options.minify !== true && tried === readable) tried = await bundle({ file: entry }, { minify });
    if (!minify && options.minify === true) continue;
    if (map !== 'none' && !options.sourceMap) continue;
    const source = withMap(tried, map);
    if (Buffer.byteLength(source) > limit) continue;
    const notes = [
      ...(minify && options.minify !== true ? ['minified, to fit'] : []),
      ...(map === 'lines' ? ['its source map has the lines of packages and not their columns, to fit'] : []),
      ...(map === 'none' && options.sourceMap ? ['without its source map, to fit'] : []),
    ];
    return { source, report: reportText(tried, Buffer.byteLength(source), notes) };
  }
  process.stderr.write(reportText(tried, Buffer.byteLength(tried.code), []));
  const bytes = Buffer.byteLength(tried.code);
  const where = isInline ? 'fit into a ScriptExecution' : 'are run';
  const message = `the script has ${bytes} bytes; at most ${limit} ${where}`;
  if (isInline && bytes <= MAX_PROGRAM_BYTES) throw new UsageError(message, LARGER);
  throw new UsageError(message, "import less: 'import * as z' leaves more of some packages out than 'import { z }'");
}

const LARGER = `write it with --kind ConfigMap, which holds ${MAX_PROGRAM_BYTES}, and name it in spec.sourceFrom.configMapKeyRef`;

/** How a script can be written, the most readable first. */
const WAYS: readonly { readonly minify: boolean; readonly map: 'full' | 'lines' | 'none' }[] = [
  { minify: false, map: 'full' },
  { minify: false, map: 'lines' },
  { minify: true, map: 'full' },
  { minify: true, map: 'lines' },
  { minify: false, map: 'none' },
  { minify: true, map: 'none' },
];

function withMap({ code, map }: Bundle, kind: 'full' | 'lines' | 'none'): string {
  if (kind === 'none') return code;
  return `${code}${inlineMap(kind === 'full' ? map : reduceMap(map))}`;
}

/** A source map as the last line of a script. Percent-encoded: base64 would make a third more of it. */
function inlineMap(map: string): string {
  const { sources, mappings } = JSON.parse(map) as { sources: string[]; mappings: string };
  // What a place needs, and no more: the map counts as the script's.
  const json = JSON.stringify({ version: 3, sources, names: [], mappings });
  return `//# sourceMappingURL=data:application/json;charset=utf-8,${encodeURI(json)}\n`;
}

function yamlText(manifest: JsonObject): string {
  const document = new Document(manifest, { aliasDuplicateObjects: false, compat: 'yaml-1.1' });
  const field = manifest.kind === 'ConfigMap' ? 'data' : 'spec';
  const members = Object.entries(manifest[field] as Record<string, JsonValue>);
  const [key, source] = members.at(-1) ?? [];
  const node = document.getIn([field, key], true) as { type?: string };
  // As a block, so that a difference between two builds is one of lines; where a block can hold it.
  if (typeof source === 'string' && !/[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ufefe\uff00-\ufffd]/.test(source)) {
    node.type = 'BLOCK_LITERAL';
  } else node.type = 'QUOTE_DOUBLE';
  return document.toString({ lineWidth: 0 });
}

function reportText({ code, sizes, warnings }: Bundle, bytes: number, notes: readonly string[]): string {
  const codeBytes = Buffer.byteLength(code);
  const map = bytes > codeBytes ? `, and ${kilobytes(bytes - codeBytes)} for its source map` : '';
  const large = sizes.filter((size) => size.bytes >= LARGE_BYTES).slice(0, MAX_TOLD);
  const lines = large.map(({ name, bytes }) => `  ${kilobytes(bytes).padStart(9)}  ${name}\n`);
  const how = notes.length === 0 ? '' : ` (${notes.join('; ')})`;
  const told = warnings.map((warning) => `copepod: warning: ${warning}\n`);
  return `${told.join('')}copepod: ${kilobytes(codeBytes)} of JavaScript${map}${how}\n${lines.join('')}`;
}

const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`;
