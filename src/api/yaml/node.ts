/** What every node of a document has. */
interface NodeBase {
  /** UTF-16 units from the start of the file. */
  readonly offset: number;
  /** In full, such as `tag:yaml.org,2002:str`; undefined where none is written. */
  readonly tag: string | undefined;
}

export interface ScalarNode extends NodeBase {
  readonly kind: 'scalar';
  readonly value: string;
  /** Its text alone says what it is: it has no quotes and no tag. */
  readonly implicit: boolean;
  /** For a literal: where each of its lines begins, behind the indentation. */
  readonly lineOffsets?: readonly number[];
}

export interface SequenceNode extends NodeBase {
  readonly kind: 'sequence';
  readonly items: YamlNode[];
}

export interface MappingNode extends NodeBase {
  readonly kind: 'mapping';
  readonly pairs: { readonly key: YamlNode; readonly value: YamlNode }[];
}

export interface AliasNode extends NodeBase {
  readonly kind: 'alias';
  readonly target: YamlNode;
}

export type YamlNode = ScalarNode | SequenceNode | MappingNode | AliasNode;
