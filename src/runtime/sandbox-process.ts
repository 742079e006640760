import type { Duplex } from 'node:stream';
import type { Containment } from './containment.ts';
import type { SandboxKind } from './wire/zygote.ts';

/** How a process ended. */
export interface ProcessEnd {
  /** `exit code N`, `signal NAME`, or why it never started. */
  readonly detail: string;
  /** Name of the signal that ended it, as of what aborts; undefined where it exited by itself. */
  readonly signal: string | undefined;
  /** The last of what it wrote to its standard error. */
  readonly stderr: string;
}

/** A process that serves one supervisor over one socket, and ends with it. */
export interface SandboxProcess {
  readonly pid: number;
  /** Frames in both directions; see api/frame.ts. Its first frame is an `ack` of id 0: the process is ready. */
  readonly socket: Duplex;
  /** Resolves when the process is gone, and what it had said before has been read. Never rejects. */
  readonly ended: Promise<ProcessEnd>;
  /** It has memory in common with the process that it was forked from. */
  readonly isForked: boolean;
  /** What started it is there for this process and a few others only: between two runs it should give way to a new one. */
  readonly isOutdated: boolean;
  /** Ends the process at once. Safe to call again, also after its end. */
  kill(): void;
}

/** Makes sandbox processes. */
export interface SandboxProcesses {
  /**
   * Starts a process. It may still be loading: its first `ack` says that it is ready.
   * @param memoryMb heap limit of its isolate
   */
  start(kind: SandboxKind, memoryMb: number): Promise<SandboxProcess>;
  /** Ends what serves to start processes. Processes that run have to be ended before. */
  close(): Promise<void>;
}

/** What a runtime starts its processes with. */
export interface RuntimeProcesses extends SandboxProcesses {
  readonly containment: Containment;
  /** Starts nothing more: what asks for a process gets an error at once. */
  stopStarting(): void;
}
