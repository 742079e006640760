import type { JsonObject, JsonValue } from '../json.ts';
import { setOwn } from '../set-own.ts';
import type { SourceNode } from '../source-map.ts';
import { MAX_DEPTH } from './compose.ts';
import { floatKey } from './key-text.ts';
import type { MappingNode, ScalarNode, YamlNode } from './node.ts';
import { YamlProblem } from './problem.ts';
import { resolveScalar, type Scalar } from './resolve-scalar.ts';

/** Values that the aliases of one document may add: enough for any manifest, and nothing for a "billion laughs". */
const MAX_ALIASED_VALUES = 10_000;

const CORE = 'tag:yaml.org,2002:';
/** Tags that a scalar is held against; under any other tag it is text. */
const CHECKED_TAGS = ['bool', 'int', 'float', 'null', 'timestamp'];

/** A value with the places of its parts. */
export interface SourcedValue {
  readonly value: JsonValue;
  readonly source: SourceNode;
}

/** What `toJson` finds besides the value. */
export interface Findings {
  /** A mistake that leaves the rest readable: a key that is there twice. */
  problem(message: string, offset: number, hint: string): void;
  /** A whole number with more digits than a JavaScript number keeps. */
  inexact(offset: number): void;
}

/**
 * Turns a document into JSON as kubectl does (sigs.k8s.io/yaml over go-yaml 2), and remembers where each part is.
 *
 * @throws YamlProblem for what has no JSON, and for aliases without end
 */
export function toJson(root: YamlNode, findings: Findings): SourcedValue {
  return new Converter(findings).convert(root);
}

class Converter {
  readonly #findings: Findings;
  readonly #expanding = new Set<YamlNode>();
  #aliasOffset: number | undefined;
  #aliasedValues = 0;
  #depth = 0;

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  convert(node: YamlNode, keyOffset?: number): SourcedValue {
    return this.#enter(node, () => this.#convert(node, keyOffset));
  }

  /** Takes a step into a node, within the bounds on depth and on what aliases add: merges count as values do. */
  #enter<T>(node: YamlNode, step: () => T): T {
    // Aliases can nest deeper than the text does.
    if (this.#depth > MAX_DEPTH) {
      throw new YamlProblem(`is nested more than ${MAX_DEPTH} levels deep`, this.#aliasOffset ?? node.offset);
    }
    if (this.#aliasOffset !== undefined && ++this.#aliasedValues > MAX_ALIASED_VALUES) {
      const message = `aliases add more than ${MAX_ALIASED_VALUES} values`;
      throw new YamlProblem(message, this.#aliasOffset, 'write fewer aliases');
    }
    this.#depth++;
    const result = step();
    this.#depth--;
    return result;
  }

  #convert(node: YamlNode, keyOffset: number | undefined): SourcedValue {
    const at = keyOffset === undefined ? { offset: node.offset } : { offset: node.offset, keyOffset };
    switch (node.kind) {
      case 'scalar': {
        const value = this.#json(resolveTagged(node), node);
        if (typeof value !== 'string') return { value, source: { ...at, text: node.value } };
        return { value, source: node.lineOffsets === undefined ? at : { ...at, lineOffsets: node.lineOffsets } };
      }
      case 'alias':
        return { value: this.#aliased(node.target, node.offset, () => this.convert(node.target).value), source: at };
      case 'sequence': {
        const children = new Map<number, SourceNode>();
        const value = node.items.map((item, index) => {
          const converted = this.convert(item);
          children.set(index, converted.source);
          return converted.value;
        });
        return { value, source: { ...at, children } };
      }
      case 'mapping': {
        const value: JsonObject = {};
        const children = new Map<string, SourceNode>();
        this.#fill(value, children, node);
        return { value, source: { ...at, children } };
      }
    }
  }

  /** Sets what a mapping holds, in its order: what `<<` brings replaces what stands before it. */
  #fill(value: JsonObject, children: Map<string, SourceNode>, node: MappingNode): void {
    const own = new Set<string>();
    for (const { key: keyNode, value: valueNode } of node.pairs) {
      if (isMerge(keyNode)) {
        this.#merge(value, children, valueNode);
        continue;
      }
      const key = this.#keyText(keyNode);
      const member = this.convert(valueNode, keyNode.offset);
      if (own.has(key)) {
        const message = `the key ${JSON.stringify(key)} is there twice`;
        this.#findings.problem(message, keyNode.offset, 'leave one of them out');
      }
      own.add(key);
      setOwn(value, key, member.value);
      children.set(key, member.source);
    }
  }

  #merge(value: JsonObject, children: Map<string, SourceNode>, merged: YamlNode): void {
    const fill = (source: YamlNode) => {
      const mapping = source.kind === 'alias' ? source.target : source;
      if (mapping.kind !== 'mapping') throw new YamlProblem('<< must name a map', source.offset);
      // What an alias brings stands where the alias does.
      const places = source.kind === 'alias' ? new Map<string, SourceNode>() : children;
      const expand = (): void => this.#enter(mapping, () => this.#fill(value, places, mapping));
      if (source.kind === 'alias') this.#aliased(mapping, source.offset, expand);
      else expand();
      if (places !== children) for (const key of places.keys()) children.set(key, { offset: source.offset });
    };
    // Of several, the first counts: it is set last.
    if (merged.kind === 'sequence') for (const source of merged.items.toReversed()) fill(source);
    else fill(merged);
  }

  #aliased<T>(target: YamlNode, offset: number, expand: () => T): T {
    if (this.#expanding.has(target)) throw new YamlProblem('the alias contains itself', offset);
    const outer = this.#aliasOffset;
    this.#aliasOffset ??= offset;
    this.#expanding.add(target);
    const result = expand();
    this.#expanding.delete(target);
    this.#aliasOffset = outer;
    return result;
  }

  #keyText(node: YamlNode): string {
    const target = node.kind === 'alias' ? node.target : node;
    if (target.kind !== 'scalar') {
      throw new YamlProblem('a list or map cannot be a key', node.offset, 'write the key in quotes');
    }
    const key = resolveTagged(target);
    const quoted = { offset: node.offset, hint: `write it in quotes: ${JSON.stringify(target.value)}` };
    if (key === null) throw new YamlProblem('null cannot be a key', quoted.offset, quoted.hint);
    if (typeof key === 'bigint') {
      if (key < 2n ** 63n) return String(key);
      throw new YamlProblem('a number above 2^63 cannot be a key', quoted.offset, quoted.hint);
    }
    if (typeof key === 'number') return floatKey(key);
    // kubectl does take these, and makes another key of them without a word.
    if (typeof key === 'boolean' && !/^(true|false)$/i.test(target.value)) {
      throw new YamlProblem(`the key ${target.value} reads as ${key} in YAML`, quoted.offset, quoted.hint);
    }
    return String(key);
  }

  #json(value: Scalar, { offset, value: text }: ScalarNode): JsonValue {
    if (typeof value === 'bigint') {
      if (BigInt(Number(value)) !== value) this.#findings.inexact(offset);
      return Number(value);
    }
    if (typeof value !== 'number') return value;
    if (!Number.isFinite(value)) {
      throw new YamlProblem(`${text} is no number in JSON`, offset, 'write it in quotes if it is a string');
    }
    if (/^[-+\d_]+$/.test(text)) this.#findings.inexact(offset);
    return value === 0 ? 0 : value;
  }
}

function isMerge(node: YamlNode): boolean {
  return node.kind === 'scalar' && node.value === '<<' && (node.implicit || node.tag === `${CORE}merge`);
}

/** What a scalar is by its tag, or by its text where it has none. */
function resolveTagged({ value, tag, implicit, offset }: ScalarNode): Scalar {
  if (tag === undefined) return implicit ? resolveScalar(value) : value;
  if (!tag.startsWith(CORE)) return value;
  const kind = tag.slice(CORE.length);
  if (kind === 'binary') return fromBase64(value, offset);
  if (!CHECKED_TAGS.includes(kind)) return value;
  const resolved = resolveScalar(value);
  if (kind === 'null' && resolved === null) return resolved;
  if (kind === 'bool' && typeof resolved === 'boolean') return resolved;
  if (kind === 'int' && typeof resolved === 'bigint') return resolved;
  if (kind === 'float' && typeof resolved === 'number') return resolved;
  if (kind === 'float' && typeof resolved === 'bigint' && resolved < 2n ** 63n) return Number(resolved);
  if (kind === 'timestamp' && /^\d{4}-\d/.test(value)) return value;
  throw new YamlProblem('is not what its tag says', offset, 'leave the tag out');
}

function fromBase64(text: string, offset: number): string {
  const digits = text.replace(/[\r\n]/g, '');
  const whole = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
  if (!whole.test(digits)) throw new YamlProblem('is no base64', offset, 'leave the tag !!binary out');
  return Buffer.from(digits, 'base64').toString('utf8');
}
