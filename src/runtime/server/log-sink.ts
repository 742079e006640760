import { write } from 'node:fs';
import type { DestinationStream } from 'pino';

/** Whose line it is: the pod's own, or a script's. */
export type LogSource = 'pod' | 'script';

export interface LogSinkOptions {
  readonly fd: number;
  /** Bytes of each source's lines that wait to be taken; more are dropped. */
  readonly maxBacklogBytes: Readonly<Record<LogSource, number>>;
  /** Told how many lines of scripts were dropped, when there is room again. */
  readonly onRoom?: (dropped: number) => void;
}

/** Bytes of one write at most: a pipe takes 64 KiB at once. */
const MAX_WRITE_BYTES = 64 << 10;
/** After this a pipe that had no room is tried again. */
const RETRY_MS = 10;

interface Line {
  readonly source: LogSource;
  readonly text: string;
  readonly bytes: number;
}

/**
 * Writes lines of log to a descriptor, in the order of their arrival and many at once. Lines of scripts and of the pod wait in
 * one queue, each source within a bound of its own: however much scripts log, the pod's own lines have their room.
 */
export class LogSink {
  readonly pod: DestinationStream = { write: (text) => this.#add('pod', text) };
  readonly script: DestinationStream = { write: (text) => this.#add('script', text) };
  readonly dropped: Record<LogSource, number> = { pod: 0, script: 0 };
  readonly #options: LogSinkOptions;
  readonly #backlog: Record<LogSource, number> = { pod: 0, script: 0 };
  #queue: Line[] = [];
  /** Lines of scripts that were dropped since `onRoom` was told. */
  #untold = 0;
  #isWriting = false;
  #whenEmpty: (() => void)[] = [];

  constructor(options: LogSinkOptions) {
    this.#options = options;
  }

  /** Resolves when every line that is here now has been taken, or cannot be. */
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
    setImmediate(() => this.#writeNext()); // with all that is logged in this turn of the event loop
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
      // Nobody reads the log any more: no reason to end what runs.
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
