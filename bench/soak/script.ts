import { readFileSync } from 'node:fs';
import type { EndReason } from '../../src/api/outcome.ts';
import type { Language, Limits } from '../../src/runtime/types.ts';

/** A kind of script that the soak runs. */
export interface SoakScript {
  readonly name: string;
  readonly hostile: boolean;
  readonly language: Language;
  readonly source: string;
  /** Lowered for this script. */
  readonly limits: Partial<Limits>;
  /** How it may end. */
  readonly reasons: readonly EndReason[];
  /** Line of its error, where it throws one. */
  readonly line?: number;
  /** Lines it logs, where that is fixed. */
  readonly logLines?: number;
}

const MARKS = readFileSync(new URL('./marks.js', import.meta.url), 'utf8');

/** A script with the marks before its own lines. */
export function withMarks(body: string): string {
  return `${MARKS}\n${body}\n`;
}

/** The line on which a text stands for the first time, from 1. */
export function lineOf(source: string, text: string): number {
  return source.slice(0, source.indexOf(text)).split('\n').length;
}
