import type { LogLevel } from '../types.ts';
import type { SandboxKind } from '../wire/zygote.ts';

/** What the bundle of sandbox kinds exports. */
export interface SandboxCode {
  /** Loads and uses once what a process under the filter can load no more. Runs no script and makes no isolate. */
  preload(): void;
  /** Loads what processes that were forked before it load for themselves once they use it: the first process need not wait for it. */
  preloadLate?(): void;
  /** Makes what the first request needs, and gives the loop that serves requests until the supervisor is gone. */
  open(options: OpenOptions): () => never;
}

export interface OpenOptions {
  readonly kind: SandboxKind;
  /** Heap limit of the isolate in MiB. */
  readonly memoryMb: number;
  /** Ends this process. */
  readonly exit: () => never;
  /** JavaScript runs at least this often while the process waits, in milliseconds, so that a debugger gets its answers. */
  readonly wakeEveryMs?: number;
  /** Called with each line that a script logs. */
  readonly onLog?: (level: LogLevel, message: string) => void;
}
