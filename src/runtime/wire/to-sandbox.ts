import type { Language } from '../types.ts';

/** A program as the supervisor sends it: text to compile, or what a compilation gave, with V8's code in the blob. */
export type ProgramBody =
  | { readonly form: 'source'; readonly source: string; readonly language: Language }
  | { readonly form: 'compiled'; readonly code: CompiledCode };

/** A script after compilation: the source of one function, and how to find the author's positions in it. */
export interface CompiledCode {
  readonly code: string;
  readonly shifts: readonly Shift[];
}

/** Text that compilation put into a line: `[line, column, length]`, line and column from 1, of the compiled text. */
export type Shift = readonly [line: number, column: number, length: number];

export interface ProgramRef {
  readonly key: string;
  readonly name: string;
  /** Left out where the child has the program already. */
  readonly body?: ProgramBody;
}

export interface RunMessage {
  readonly op: 'run';
  readonly id: number;
  readonly program: ProgramRef;
  /** JSON text. */
  readonly params: string;
  /** JSON text. */
  readonly context: string;
  /** Dotted names of the host functions. */
  readonly hostFunctions: readonly string[];
  readonly maxResultBytes: number;
}

/** From the supervisor to a sandbox process. */
export type ToSandbox =
  | RunMessage
  | { readonly op: 'compile'; readonly id: number; readonly program: ProgramRef }
  /** The answer to a host call: JSON text or an error's message. */
  | { readonly op: 'reply'; readonly id: number; readonly call: number; readonly ok: boolean; readonly value: string }
  /** Forget a program. */
  | { readonly op: 'forget'; readonly key: string }
  /** Load what strips types, which takes longer than most scripts. */
  | { readonly op: 'load-typescript'; readonly id: number }
  /** A new isolate for another tenant. */
  | { readonly op: 'reset'; readonly id: number }
  | { readonly op: 'ping'; readonly id: number };
