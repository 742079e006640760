/**
 * What a sandbox process is for: it runs scripts; or it compiles them and runs none, with V8 alone, with a parser and oxc
 * too, or with TypeScript's own compiler as well.
 */
export type SandboxKind = 'script' | 'v8' | 'compiler' | 'typescript';

/** From the supervisor to a zygote. */
export type ToZygote =
  /** Fork a process that talks on the socket of this number; each is used once. */
  | { readonly op: 'fork'; readonly slot: number; readonly kind: SandboxKind; readonly memoryMb: number }
  /** A process has been killed: wait for its end. Only then is its id free for others. */
  | { readonly op: 'reap'; readonly pid: number };

/** From a zygote to the supervisor. */
export type FromZygote =
  | { readonly op: 'ready' }
  /** It can't do its work here. */
  | { readonly op: 'refused'; readonly reason: string }
  /** The process of a slot; no process where the id is -1. */
  | { readonly op: 'forked'; readonly slot: number; readonly pid: number }
  | {
      readonly op: 'reaped';
      readonly pid: number;
      readonly code: number | null;
      /** Number of the signal. */
      readonly signal: number | null;
      readonly stderr: string;
    };
