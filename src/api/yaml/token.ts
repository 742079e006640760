import type { Mark } from './cursor.ts';

/** How a scalar is written. */
export type ScalarStyle = 'plain' | 'single-quoted' | 'double-quoted' | 'literal' | 'folded';

/** Tokens that are their type alone. */
export type Indicator =
  | 'stream-end'
  | 'document-start'
  | 'document-end'
  | 'block-sequence-start'
  | 'block-mapping-start'
  | 'block-end'
  | 'flow-sequence-start'
  | 'flow-sequence-end'
  | 'flow-mapping-start'
  | 'flow-mapping-end'
  | 'block-entry'
  | 'flow-entry'
  | 'key'
  | 'value';

export interface IndicatorToken {
  readonly type: Indicator;
  readonly start: Mark;
}

/** A token with a name. */
export interface PropertyToken {
  readonly type: 'anchor' | 'alias' | 'tag';
  readonly start: Mark;
  readonly value: string;
}

export interface ScalarToken {
  readonly type: 'scalar';
  readonly start: Mark;
  readonly value: string;
  readonly style: ScalarStyle;
  /** For a literal: where each of its lines begins, behind the indentation. */
  readonly lineOffsets?: readonly number[];
}

export type Token = IndicatorToken | PropertyToken | ScalarToken;
