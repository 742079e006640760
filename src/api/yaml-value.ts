import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair, type Scalar, type YAMLMap } from 'yaml';
import type { JsonObject, JsonValue } from './json.ts';
import { setOwn } from './set-own.ts';
import type { SourceNode } from './source-map.ts';
import { type PlainScalar, resolvePlain } from './yaml-scalars.ts';

/** Values that the aliases of one document may add: enough for any manifest, and nothing for a "billion laughs". */
const MAX_ALIASED_VALUES = 10_000;
const MAX_DEPTH = 200;

const CORE = 'tag:yaml.org,2002:';

/** A document that cannot be read, and where it says so. */
export class YamlProblem extends Error {
  override readonly name = 'YamlProblem';
  readonly offset: number;
  readonly hint: string | undefined;

  constructor(message: string, offset: number, hint?: string) {
    super(message);
    this.offset = offset;
    this.hint = hint;
  }
}

/** A value with the places of its parts. */
export interface SourcedValue {
  readonly value: JsonValue;
  readonly source: SourceNode;
}

/**
 * Turns a document that was parsed with the failsafe schema into JSON as kubectl does, and remembers where each part is.
 *
 * @param text what the document was parsed from
 * @param base offset of `text` in its file
 * @param report told of each mistake that leaves the rest readable: a key that is there twice
 * @throws YamlProblem for what has no JSON, and for aliases without end
 */
export function yamlToJson(
  doc: Document,
  text: string,
  base: number,
  report: (problem: YamlProblem) => void,
): SourcedValue {
  const anchors = new Map<string, Node>();
  const expanding = new Set<Node>();
  let aliasDepth = 0;
  let aliasOffset = 0;
  let aliasedValues = 0;
  return convert(doc.contents, 0);

  function convert(node: Node | null, depth: number, keyOffset?: number): SourcedValue {
    const offset = base + (node?.range?.[0] ?? 0);
    if (depth > MAX_DEPTH) throw new YamlProblem(`is nested more than ${MAX_DEPTH} levels deep`, offset);
    if (aliasDepth > 0 && ++aliasedValues > MAX_ALIASED_VALUES) {
      throw new YamlProblem(`aliases add more than ${MAX_ALIASED_VALUES} values`, aliasOffset, 'write fewer aliases');
    }
    const at = keyOffset === undefined ? { offset } : { offset, keyOffset };
    if (isAlias(node)) return convertAlias(node.source, depth, at);
    if (node !== null && 'anchor' in node && typeof node.anchor === 'string') anchors.set(node.anchor, node);
    if (isMap(node)) return convertMap(node, depth, at);
    if (isSeq(node)) {
      checkTag(node, 'seq', offset);
      const children = new Map<number, SourceNode>();
      const value = node.items.map((item, index) => {
        const converted = convert(item as Node, depth + 1);
        children.set(index, converted.source);
        return converted.value;
      });
      return { value, source: { ...at, children } };
    }
    if (node === null) return { value: null, source: at };
    if (!isScalar(node)) throw new YamlProblem('is no value', offset);
    const block = node.type === 'BLOCK_LITERAL' ? blockOf(node, text, base) : undefined;
    return { value: scalarValue(node, offset), source: block === undefined ? at : { ...at, block } };
  }

  function convertAlias(name: string, depth: number, at: SourceNode): SourcedValue {
    const target = anchors.get(name);
    if (target === undefined) throw new YamlProblem('the alias has no anchor before it', at.offset);
    if (expanding.has(target)) throw new YamlProblem('the alias contains itself', at.offset);
    expanding.add(target);
    if (aliasDepth++ === 0) aliasOffset = at.offset;
    const { value } = convert(target, depth);
    aliasDepth--;
    expanding.delete(target);
    return { value, source: at };
  }

  function convertMap(node: YAMLMap, depth: number, at: SourceNode): SourcedValue {
    checkTag(node, 'map', at.offset);
    // A map that holds an alias of itself must not be expanded while it is being built.
    const fresh = !expanding.has(node);
    if (fresh) expanding.add(node);
    const value: JsonObject = {};
    const children = new Map<string, SourceNode>();
    const merges: Node[] = [];
    for (const pair of node.items as Pair<Node, Node | null>[]) {
      const keyOffset = base + (pair.key?.range?.[0] ?? 0);
      if (isMergeKey(pair.key) && pair.value !== null) {
        merges.push(pair.value);
        continue;
      }
      const key = keyText(pair.key, convert(pair.key, depth + 1).value, keyOffset);
      const member = convert(pair.value, depth + 1, keyOffset);
      if (children.has(key))
        report(new YamlProblem(`the key ${JSON.stringify(key)} is there twice`, keyOffset, 'leave one of them out'));
      setOwn(value, key, member.value);
      children.set(key, member.source);
    }
    for (const merge of merges) mergeInto(value, convert(merge, depth + 1).value, base + (merge.range?.[0] ?? 0));
    if (fresh) expanding.delete(node);
    return { value, source: { ...at, children } };
  }
}

/** What `<<` brings never replaces what is there. */
function mergeInto(target: JsonObject, merged: JsonValue, offset: number): void {
  for (const source of Array.isArray(merged) ? merged : [merged]) {
    if (source === null || typeof source !== 'object' || Array.isArray(source)) {
      throw new YamlProblem('<< must name a map', offset);
    }
    for (const [key, value] of Object.entries(source)) if (!Object.hasOwn(target, key)) setOwn(target, key, value);
  }
}

function isMergeKey(key: Node | null): boolean {
  return isScalar(key) && key.type === 'PLAIN' && key.value === '<<';
}

function keyText(node: Node | null, key: JsonValue, offset: number): string {
  if (key === null || typeof key === 'object') {
    throw new YamlProblem(
      `${key === null ? 'null' : 'a list or map'} cannot be a key`,
      offset,
      'write the key in quotes',
    );
  }
  // kubectl does take these, and makes another key of them without a word.
  if (typeof key === 'boolean' && isScalar(node) && !/^(true|false)$/i.test(node.source ?? '')) {
    throw new YamlProblem(
      `the key ${node.source} reads as ${key} in YAML`,
      offset,
      `write it in quotes: "${node.source}"`,
    );
  }
  return String(key);
}

function scalarValue(node: Scalar, offset: number): JsonValue {
  const text = node.source ?? String(node.value ?? '');
  const plain = node.type === 'PLAIN';
  const value = plain && node.tag === undefined ? resolvePlain(text) : tagged(node, text, offset);
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new YamlProblem(`${text} is no number in JSON`, offset, 'write it in quotes if it is a string');
  }
  if (typeof value === 'string' && !value.isWellFormed()) {
    throw new YamlProblem('a \\u escape is half of a character', offset, 'write the character itself');
  }
  return value;
}

function tagged(node: Scalar, text: string, offset: number): PlainScalar {
  if (node.tag === undefined || node.tag === '!') return text;
  const kind = node.tag.startsWith(CORE) ? node.tag.slice(CORE.length) : undefined;
  if (kind === 'str' || kind === 'timestamp') return text;
  if (kind === 'binary') return Buffer.from(text, 'base64').toString('utf8');
  const value = resolvePlain(text);
  if (kind === 'null' && value === null) return value;
  if (kind === 'bool' && typeof value === 'boolean') return value;
  if ((kind === 'int' || kind === 'float') && typeof value === 'number') return value;
  if (kind === undefined) throw new YamlProblem('the tag means nothing here', offset, 'leave it out');
  throw new YamlProblem(`is not what its tag says`, offset, 'leave the tag out');
}

function checkTag(node: Node, kind: 'map' | 'seq', offset: number): void {
  if (node.tag === undefined || node.tag === `${CORE}${kind}`) return;
  throw new YamlProblem('the tag means nothing here', offset, 'leave it out');
}

/** Where the text of a `|` block begins, so that a script's lines can be found in its manifest. */
function blockOf(node: Scalar, text: string, base: number): SourceNode['block'] {
  const headerEnd = text.indexOf('\n', node.range?.[0] ?? 0);
  if (headerEnd === -1) return undefined;
  let start = headerEnd + 1;
  for (const line of String(node.value).split('\n')) {
    const end = text.indexOf('\n', start);
    const raw = text.slice(start, end === -1 ? text.length : end).replace(/\r$/, '');
    if (line !== '') return { offset: base + headerEnd + 1, indent: raw.length - line.length };
    if (end === -1) return undefined;
    start = end + 1;
  }
  return undefined;
}
