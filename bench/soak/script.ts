import { readFileSync } from 'node:fs';
import type { EndReason } from '../../src/api/outcome.ts';
import type { Language, Limits } from '../../src/runtime/types.ts';

/** A script of the soak. */
export interface SoakScript {
  readonly name: string;
  readonly hostile: boolean;
  readonly language: Language;
  readonly source: string;
  /** Limits lowered for this script. */
  readonly limits: Partial<Limits>;
  /** Expected reasons. */
  readonly reasons: readonly EndReason[];
  /** Expected line of its error, if it throws. */
  readonly line?: number;
  /** Expected number of log lines, if fixed. */
  readonly logLines?: number;
}

const MARKS = readFileSync(new URL('./marks.js', import.meta.url), 'utf8');

/** The script with the marks prepended. */
export function withMarks(body: string): string {
  return `${MARKS}\n${body}\n`;
}

/** The line of the first occurrence of a text, from 1. */
export function lineOf(source: string, text: string): number {
  return source.slice(0, source.indexOf(text)).split('\n').length;
}
