import type { MappingNode, ScalarNode, SequenceNode, YamlNode } from './node.ts';
import { YamlProblem, YamlSyntaxError } from './problem.ts';
import { Scanner } from './scanner.ts';
import type { Indicator, IndicatorToken, PropertyToken, ScalarToken, Token } from './token.ts';

/** Levels that a document may nest: more than any manifest needs, and few enough for what recurses. */
export const MAX_DEPTH = 500;

/**
 * Composes the nodes of a document, with the grammar of libyaml's parser.c.
 *
 * @param start where the document begins in the text, and @param end where it ends
 * @returns undefined where there is none: blanks and comments alone
 * @throws YamlSyntaxError where it does not read, or where more than one document is there
 */
export function compose(text: string, start: number, end: number): YamlNode | undefined {
  return new Composer(new Scanner(text, start, end)).document();
}

class Composer {
  readonly #scanner: Scanner;
  readonly #anchors = new Map<string, YamlNode>();
  #depth = 0;

  constructor(scanner: Scanner) {
    this.#scanner = scanner;
  }

  document(): YamlNode | undefined {
    let root: YamlNode | undefined;
    const explicit = this.#takeIf('document-start') !== undefined;
    if (!this.#next('stream-end', ...(explicit ? (['document-start', 'document-end'] as const) : []))) {
      root = this.#node({ block: true });
    }
    while (this.#takeIf('document-end') !== undefined);
    const { type, start } = this.#scanner.peek();
    if (type !== 'stream-end') {
      const hint = "write a line '---' before it, or leave it out";
      throw new YamlProblem('kubectl drops what stands behind the end of a document', start.offset, hint);
    }
    return root;
  }

  #next(...types: readonly Token['type'][]): boolean {
    return types.includes(this.#scanner.peek().type);
  }

  #takeIf(type: Indicator): IndicatorToken | undefined {
    return this.#scanner.peek().type === type ? (this.#scanner.take() as IndicatorToken) : undefined;
  }

  /** An anchor or a tag, but for one of a kind that is there already. */
  #takeProperty(except?: PropertyToken): PropertyToken | undefined {
    const token = this.#scanner.peek();
    if ((token.type !== 'anchor' && token.type !== 'tag') || token.type === except?.type) return undefined;
    return this.#scanner.take() as PropertyToken;
  }

  /**
   * @param options.block collections may be written in lines
   * @param options.indentless the entries of a list may stand at the column of the key that they belong to
   */
  #node(options: { block: boolean; indentless?: boolean }): YamlNode {
    const token = this.#scanner.peek();
    if (++this.#depth > MAX_DEPTH) {
      throw new YamlProblem(`is nested more than ${MAX_DEPTH} levels deep`, token.start.offset);
    }
    try {
      return token.type === 'alias' ? this.#alias() : this.#content(token, options);
    } finally {
      this.#depth--;
    }
  }

  #alias(): YamlNode {
    const { value, start } = this.#scanner.take() as PropertyToken;
    const target = this.#anchors.get(value);
    if (target === undefined) throw new YamlProblem('the alias has no anchor before it', start.offset);
    return { kind: 'alias', offset: start.offset, tag: undefined, target };
  }

  #content({ start }: Token, { block, indentless = false }: { block: boolean; indentless?: boolean }): YamlNode {
    const first = this.#takeProperty();
    const second = first === undefined ? undefined : this.#takeProperty(first);
    const properties = [first, second];
    const anchor = properties.find((property) => property?.type === 'anchor')?.value;
    const tag = properties.find((property) => property?.type === 'tag')?.value;
    const base = { offset: start.offset, tag };
    const named = <T extends YamlNode>(node: T): T => {
      if (anchor !== undefined) this.#anchors.set(anchor, node);
      return node;
    };
    const sequence = (): SequenceNode => named({ ...base, kind: 'sequence', items: [] });
    const mapping = (): MappingNode => named({ ...base, kind: 'mapping', pairs: [] });

    const { type, start: at } = this.#scanner.peek();
    if (type === 'block-entry' && indentless) return this.#indentlessSequence(sequence());
    if (type === 'scalar') return named(scalarNode(this.#scanner.take() as ScalarToken, base));
    if (type === 'flow-sequence-start') return this.#flowSequence(sequence());
    if (type === 'flow-mapping-start') return this.#flowMapping(mapping());
    if (type === 'block-sequence-start' && block) return this.#blockSequence(sequence());
    if (type === 'block-mapping-start' && block) return this.#blockMapping(mapping());
    if (first !== undefined) return named({ ...base, kind: 'scalar', value: '', implicit: tag === undefined });
    throw new YamlSyntaxError('a value is missing here', at.offset);
  }

  /** A value that is left out. */
  #empty(offset: number): ScalarNode {
    return { kind: 'scalar', offset, tag: undefined, value: '', implicit: true };
  }

  /** A node, unless one of these comes next: then it is left out. */
  #nodeUnless(
    ends: readonly Indicator[],
    options: { block: boolean; indentless?: boolean },
    offset?: number,
  ): YamlNode {
    const { start } = this.#scanner.peek();
    return this.#next(...ends) ? this.#empty(offset ?? start.offset) : this.#node(options);
  }

  #blockSequence(node: SequenceNode): SequenceNode {
    this.#scanner.take();
    for (let entry = this.#takeIf('block-entry'); entry !== undefined; entry = this.#takeIf('block-entry')) {
      node.items.push(this.#nodeUnless(['block-entry', 'block-end'], { block: true }, entry.start.offset));
    }
    this.#expect('block-end', "an entry of this list begins with '- '");
    return node;
  }

  #indentlessSequence(node: SequenceNode): SequenceNode {
    const ends: readonly Indicator[] = ['block-entry', 'key', 'value', 'block-end'];
    for (let entry = this.#takeIf('block-entry'); entry !== undefined; entry = this.#takeIf('block-entry')) {
      node.items.push(this.#nodeUnless(ends, { block: true }, entry.start.offset));
    }
    return node;
  }

  #blockMapping(node: MappingNode): MappingNode {
    const ends: readonly Indicator[] = ['key', 'value', 'block-end'];
    const options = { block: true, indentless: true };
    this.#scanner.take();
    for (let token = this.#takeIf('key'); token !== undefined; token = this.#takeIf('key')) {
      const key = this.#nodeUnless(ends, options, token.start.offset);
      const colon = this.#takeIf('value');
      const value =
        colon === undefined
          ? this.#empty(this.#scanner.peek().start.offset)
          : this.#nodeUnless(ends, options, colon.start.offset);
      node.pairs.push({ key, value });
    }
    this.#expect('block-end', 'a key is missing here, or its indentation is not that of the keys before it');
    return node;
  }

  #flowSequence(node: SequenceNode): SequenceNode {
    const open = this.#scanner.take();
    for (let isFirst = true; !this.#next('flow-sequence-end'); isFirst = false) {
      if (!isFirst) {
        this.#separator(open, ']');
        if (this.#next('flow-sequence-end')) break;
      }
      const key = this.#takeIf('key');
      node.items.push(key === undefined ? this.#node({ block: false }) : this.#singlePair(key.start.offset));
    }
    this.#scanner.take();
    return node;
  }

  /** `[a: b]` is a list of one map. */
  #singlePair(offset: number): MappingNode {
    const ends: readonly Indicator[] = ['flow-entry', 'flow-sequence-end'];
    let key: YamlNode;
    if (this.#next('value', ...ends)) {
      // libyaml passes over this token, so that nothing sensible can follow.
      this.#scanner.take();
      key = this.#empty(offset);
    } else key = this.#node({ block: false });
    const value =
      this.#takeIf('value') === undefined
        ? this.#empty(this.#scanner.peek().start.offset)
        : this.#nodeUnless(ends, { block: false });
    return { kind: 'mapping', offset, tag: undefined, pairs: [{ key, value }] };
  }

  #flowMapping(node: MappingNode): MappingNode {
    const ends: readonly Indicator[] = ['flow-entry', 'flow-mapping-end'];
    const open = this.#scanner.take();
    for (let isFirst = true; !this.#next('flow-mapping-end'); isFirst = false) {
      if (!isFirst) {
        this.#separator(open, '}');
        if (this.#next('flow-mapping-end')) break;
      }
      if (this.#takeIf('key') === undefined) {
        const key = this.#node({ block: false });
        node.pairs.push({ key, value: this.#empty(this.#scanner.peek().start.offset) });
        continue;
      }
      const key = this.#nodeUnless(['value', ...ends], { block: false });
      const value =
        this.#takeIf('value') === undefined
          ? this.#empty(this.#scanner.peek().start.offset)
          : this.#nodeUnless(ends, { block: false });
      node.pairs.push({ key, value });
    }
    this.#scanner.take();
    return node;
  }

  #separator(open: Token, close: string): void {
    if (this.#takeIf('flow-entry') !== undefined) return;
    const { type, start } = this.#scanner.peek();
    if (type === 'stream-end') {
      throw new YamlSyntaxError(`the bracket is not closed: a '${close}' is missing`, open.start.offset);
    }
    throw new YamlSyntaxError(`a ',' or '${close}' is missing here`, start.offset);
  }

  #expect(type: Indicator, message: string): void {
    if (this.#takeIf(type) === undefined) throw new YamlSyntaxError(message, this.#scanner.peek().start.offset);
  }
}

function scalarNode(
  { value, style, lineOffsets }: ScalarToken,
  { offset, tag }: { offset: number; tag: string | undefined },
): ScalarNode {
  const implicit = tag === undefined ? style === 'plain' : tag === '!';
  return {
    kind: 'scalar',
    offset,
    tag,
    value,
    implicit,
    ...(lineOffsets === undefined ? {} : { lineOffsets }),
  };
}
