import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type ivm from 'isolated-vm';
import { Callback, Isolate } from './addon.ts';

/** What the guest calls; see guest/port.ts. The values are as hostile as the script. */
export type PortHandler = (op: unknown, a: unknown, b: unknown, c: unknown) => unknown;

/** A context that nobody has used, with the guest's code in it. */
export interface FreshContext {
  readonly context: ivm.Context;
  readonly guest: ivm.Reference;
  /** Where the port leads: nowhere before the run and after it. */
  connect(handler: PortHandler | undefined): void;
  /** Heap of the isolate when the context was made, in bytes. */
  readonly heapBytes: number;
}

const read = (name: string): string => readFileSync(join(__dirname, name), 'utf8');
const guestCode = read('guest.js');
let inspectorCode: string | undefined;

/** The isolate of this process, and the context that its next run gets. */
export class Sandbox {
  readonly #memoryMb: number;
  #isolate!: ivm.Isolate;
  #guest!: ivm.Script;
  #inspector: ivm.Script | undefined;
  #next: FreshContext | undefined;

  constructor(memoryMb: number) {
    this.#memoryMb = memoryMb;
    this.reset();
  }

  get isolate(): ivm.Isolate {
    return this.#isolate;
  }

  /** A new isolate: nothing that ran before can be reached from what runs next. */
  reset(): void {
    this.#isolate?.dispose();
    this.#isolate = new Isolate({ memoryLimit: this.#memoryMb });
    this.#guest = this.#isolate.compileScriptSync(guestCode, { filename: 'copepod:guest' });
    this.#inspector = undefined;
    this.#next = undefined;
    this.prepare();
  }

  /** Makes the next run's context ahead of time. */
  prepare(): void {
    this.#next ??= this.#makeContext();
  }

  take(): FreshContext {
    const fresh = this.#next ?? this.#makeContext();
    this.#next = undefined;
    return fresh;
  }

  /** Loads the inspector into a context, as a value that belongs to it. */
  loadInspector(context: ivm.Context): unknown {
    inspectorCode ??= read('inspector.js');
    this.#inspector ??= this.#isolate.compileScriptSync(inspectorCode, { filename: 'copepod:inspector' });
    return this.#inspector.runSync(context, { reference: true }).derefInto({ release: true });
  }

  heapBytes(): number {
    const heap = this.#isolate.getHeapStatisticsSync();
    return heap.used_heap_size + heap.externally_allocated_size;
  }

  #makeContext(): FreshContext {
    const context = this.#isolate.createContextSync();
    let connected: PortHandler | undefined;
    const port = new Callback((op: unknown, a: unknown, b: unknown, c: unknown) => {
      try {
        return connected?.(op, a, b, c);
      } catch {
        return undefined; // nothing of the host's own errors reaches the script
      }
    });
    const boot = this.#guest.runSync(context, { reference: true }) as ivm.Reference;
    const guest = boot.applySync(undefined, [port as never], { result: { reference: true } }) as ivm.Reference;
    boot.release();
    const connect = (handler: PortHandler | undefined): void => {
      connected = handler;
    };
    return { context, guest, connect, heapBytes: this.heapBytes() };
  }
}
