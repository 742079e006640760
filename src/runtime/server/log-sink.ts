import { write } from 'node:fs';
import type { DestinationStream } from 'pino';

/** Source of a line: the pod, or a script. */
export type LogSource = 'pod' | 'script';

export interface LogSinkOptions {
  readonly fd: number;
  /** Maximum bytes of unwritten lines per source; further lines are dropped. */
  readonly maxBacklogBytes: Readonly<Record<LogSource, number>>;
  /** Called with the number of dropped script lines once there is space again. */
  readonly onRoom?: (dropped: number) => void;
}

/** Maximum size of a write: a pipe takes 64 KiB at once. */
const MAX_WRITE_BYTES = 64 << 10;
/** Retry delay for a full pipe. */
const RETRY_MS = 10;

interface Line {
  readonly source: LogSource;
  readonly text: string;
  readonly bytes: number;
}

/**
 * Writes log lines to a descriptor in order, many at once. Lines of scripts and of the pod share a queue with a
 * separate limit each: a flood of script logs cannot displace the pod's own lines.
 */
export class LogSink {
  readonly pod: DestinationStream = { write: (text) => this.#add('pod', text) };
  readonly script: DestinationStream = { write: (text) => this.#add('script', text) };
  readonly dropped: Record<LogSource, number> = { pod: 0, script: 0 };
  readonly #options: LogSinkOptions;
  readonly #backlog: Record<LogSource, number> = { pod: 0, script: 0 };
  #queue: Line[] = [];
  /** Script lines dropped since the last call of `onRoom`. */
  #untold = 0;
  #isWriting = false;
  #whenEmpty: (() => void)[] = [];

  constructor(options: LogSinkOptions) {
    this.#options = options;
  }

  /** Resolves when every line queued now has been written or has failed. */
  async flush(): Promise<void> {
    if (this.#queue.length > 0 || this.#isWriting) await new Promise<void>((resolve) => this.#whenEmpty.push(resolve));
  }

  #add(source: LogSource, text: string): void {
    const bytes = Buffer.byteLength(text);
    if (this.#backlog[source] + bytes > this.#options.maxBacklogBytes[source]) {
      this.dropped[source]++;
      if (source === 'script') this.#untold++;
      return;
    }
    this.#backlog[source] += bytes;
    this.#queue.push({ source, text, bytes });
    if (this.#isWriting) return;
    this.#isWriting = true;
    setImmediate(() => this.#writeNext()); // together with all lines logged in this iteration of the event loop
  }

  #writeNext(): void {
    this.#isWriting = this.#queue.length > 0;
    if (!this.#isWriting) {
      for (const resolve of this.#whenEmpty.splice(0)) resolve();
      return;
    }
    let bytes = 0;
    let count = 0;
    for (const line of this.#queue) {
      if (count > 0 && bytes + line.bytes > MAX_WRITE_BYTES) break;
      bytes += line.bytes;
      count++;
    }
    const lines = this.#queue.splice(0, count);
    this.#write(Buffer.from(lines.map(({ text }) => text).join('')), (taken) => {
      for (const line of lines) {
        this.#backlog[line.source] -= line.bytes;
        if (!taken) this.dropped[line.source]++;
      }
      this.#tellOfRoom();
      this.#writeNext();
    });
  }

  #write(data: Buffer, onEnd: (taken: boolean) => void): void {
    write(this.#options.fd, data, (error, written) => {
      if (error?.code === 'EAGAIN') setTimeout(() => this.#write(data, onEnd), RETRY_MS);
      // The reader has closed the pipe: not a reason to stop running scripts.
      else if (error) onEnd(false);
      else if (written < data.length) this.#write(data.subarray(written), onEnd);
      else onEnd(true);
    });
  }

  #tellOfRoom(): void {
    if (this.#untold === 0 || this.#backlog.script > this.#options.maxBacklogBytes.script / 2) return;
    const dropped = this.#untold;
    this.#untold = 0;
    this.#options.onRoom?.(dropped);
  }
}
