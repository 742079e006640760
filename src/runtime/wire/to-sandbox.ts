import type { WebRequestHead } from '../../api/web-exchange.ts';
import type { CompiledProgram } from '../compiler/program.ts';
import type { Language } from '../types.ts';
import type { Part } from './texts.ts';

/** A compiled program. The blob holds, for each file, its code, its cached data, and its source maps as one JSON text. */
export interface ProgramBody {
  readonly program: CompiledProgram;
  readonly parts: readonly Part[];
}

export interface ProgramRef {
  readonly key: string;
  /** Left out where the sandbox has the program already. */
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
  /** JSON text; empty: an empty object. */
  readonly env: string;
  /** Dotted names of the host functions. */
  readonly hostFunctions: readonly string[];
  readonly maxResultBytes: number;
  /** The spans that the script makes are wanted. */
  readonly isTraced?: true;
  /** The program exports a web handler, which is to answer this request. A whole body is at the end of the blob. */
  readonly request?: {
    readonly head: WebRequestHead;
    readonly bodyBytes: number;
    /** The handler reads the body in steps (body-step.ts). */
    readonly isStreamed?: true;
    /** The module stays evaluated under this name, for the next request with the same name, program, `env` and host functions. */
    readonly module?: string;
  };
}

/** A program to compile, its first file first. The blob holds the sources in the same order. */
export interface CompileMessage {
  readonly op: 'compile';
  readonly id: number;
  readonly files: readonly { readonly name: string; readonly language?: Language }[];
  readonly parts: readonly Part[];
  readonly imports: Readonly<Record<string, string>>;
  /** Files that are not there are named instead of refused. */
  readonly mayHaveMore: boolean;
}

/** A program that the process is to run, to be compiled by itself and for itself alone. The rest is as in `compile`. */
export interface LoadMessage extends Omit<CompileMessage, 'op' | 'mayHaveMore'> {
  readonly op: 'load';
  readonly key: string;
}

/** From the supervisor to a sandbox process; `compile` alone to the process that compiles. */
export type ToSandbox =
  | RunMessage
  | CompileMessage
  | LoadMessage
  /** The answer to a host call: JSON text or an error's message. Of a step of `fetch` (fetch-step.ts) or of a body (body-step.ts), the blob may hold bytes; of a part of a response (response-part.ts), it says nothing. */
  | { readonly op: 'reply'; readonly id: number; readonly call: number; readonly ok: boolean; readonly value: string }
  /** Forget a program. */
  | { readonly op: 'forget'; readonly key: string }
  /** A new isolate for another tenant. */
  | { readonly op: 'reset'; readonly id: number }
  | { readonly op: 'ping'; readonly id: number };
