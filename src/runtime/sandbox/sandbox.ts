import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type ivm from 'isolated-vm';
import { Isolate } from './addon.ts';
import { Port } from './port.ts';
import { RunContext } from './run-context.ts';
import { setV8Flag } from './v8-flags.ts';

const REFERENCE = { reference: true } as const;

const read = (name: string): string => readFileSync(join(__dirname, name), 'utf8');
const guestCode = read('guest.js');

/** What is loaded into a context when it first needs it, one file each. */
const PARTS = ['inspector', 'web', 'web-handler', 'web-seldom'] as const;
export type GuestPart = (typeof PARTS)[number];
const codes = new Map<GuestPart, string>();

function codeOf(part: GuestPart): string {
  const code = codes.get(part) ?? read(`${part}.js`);
  codes.set(part, code);
  return code;
}

/** Reads what a process under the filter can open no more. */
export function preloadGuest(): void {
  for (const part of PARTS) codeOf(part);
}

/** A context is a tenth of a megabyte of garbage once it is released: collected this often, the heap stays small, and
 * costs less than V8's own collections would. */
const CONTEXTS_PER_COLLECTION = 64;
/** A heap that has grown by this since it was collected is collected at once: what one run leaves behind would count against the next. */
const COLLECT_AFTER_BYTES = 8 << 20;
/** Room in the isolate for that garbage, in MiB. */
const GARBAGE_MB = 8;

/** The isolate of this process, and the context that its next run gets. */
export class Sandbox {
  readonly #memoryMb: number;
  #isolate!: ivm.Isolate;
  #guest!: ivm.Script;
  readonly #parts = new Map<GuestPart, ivm.Script>();
  #next: RunContext | undefined;
  #collect: (() => void) | undefined;
  #proxies: ivm.Script | undefined;
  /** Contexts released since the last collection. */
  #released = 0;
  /** What the last collection left, the programs of this process among it. */
  #collectedBytes = 0;
  /** What the isolate holds beside the next context, and what a new context takes: asking each time would cost 1 %. */
  #heldBytes = 0;
  #contextBytes = 0;
  /** Contexts made so far. */
  #contexts = 0;
  readonly #port = new Port();

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
    this.#isolate = new Isolate({ memoryLimit: this.#memoryMb + GARBAGE_MB });
    this.#collect = undefined;
    this.#proxies = undefined;
    this.#guest = this.#isolate.compileScriptSync(guestCode, { filename: 'copepod:guest' });
    this.#parts.clear();
    this.#next = undefined;
    this.#released = 0;
    this.#collectedBytes = this.heapBytes();
    this.prepare(this.#collectedBytes);
  }

  /**
   * Makes the next run's context ahead of time, and collects what the last ones left behind now and then.
   * @param heapBytes what the isolate holds
   */
  prepare(heapBytes: number): void {
    this.#heldBytes = heapBytes;
    if (this.#released >= CONTEXTS_PER_COLLECTION || heapBytes > this.#collectedBytes + COLLECT_AFTER_BYTES) {
      this.#released = 0;
      // A context more, which few processes live long enough to need.
      this.#collect ??= collector(this.#isolate);
      this.#collect();
      this.#heldBytes = this.#collectedBytes = this.heapBytes();
    }
    this.#next ??= this.#makeContext();
  }

  /** What the isolate holds beside the next context has changed: a program was compiled. */
  remeasure(): void {
    if (this.#next !== undefined) this.#heldBytes = this.heapBytes() - this.#contextBytes;
  }

  /** Heap of the isolate before a script runs in the next context, in bytes. */
  get idleBytes(): number {
    return this.#heldBytes + this.#contextBytes;
  }

  /** A context that nothing has run in but the guest's code. */
  take(): RunContext {
    const fresh = this.#next ?? this.#makeContext();
    this.#next = undefined;
    return fresh;
  }

  /** Lets go of a context and of everything in it. */
  release(context: RunContext): void {
    context.release();
    this.#released++;
  }

  /** Loads a part of the guest's code into a context, as a value that belongs to it. */
  load(part: GuestPart, context: ivm.Context): unknown {
    const script =
      this.#parts.get(part) ?? this.#isolate.compileScriptSync(codeOf(part), { filename: `copepod:${part}` });
    this.#parts.set(part, script);
    const value = script.runSync(context, REFERENCE);
    if (part !== 'inspector') return value.derefInto({ release: true });
    this.#proxies ??= compileProxies(this.#isolate);
    const functions = this.#proxies.runSync(context, REFERENCE);
    const inspector = value.applySync(undefined, [functions.derefInto({ release: true })], {
      result: REFERENCE,
    }) as ivm.Reference;
    value.release();
    return inspector.derefInto({ release: true });
  }

  heapBytes(): number {
    const heap = this.#isolate.getHeapStatisticsSync();
    return heap.used_heap_size + heap.externally_allocated_size;
  }

  #makeContext(): RunContext {
    const context = this.#isolate.createContextSync();
    const boot = this.#guest.runSync(context, REFERENCE) as ivm.Reference;
    if (this.#contextBytes === 0) this.#contextBytes = Math.max(0, this.heapBytes() - this.#heldBytes);
    return new RunContext(context, boot, this.#port, ++this.#contexts);
  }
}

/**
 * V8 compiles a function in parentheses together with what is around it, and others when they are first called. These natives do not check
 * what they are given: each function does. Strict functions are told to nobody by the stack that they stand on (`CallSite.getFunction()`).
 */
const PROXIES = `'use strict';
({
  isProxy: (function (value) { return %IsJSProxy(value); }),
  targetOf: (function (proxy) { return %IsJSProxy(proxy) ? %JSProxyGetTarget(proxy) : undefined; }),
  handlerOf: (function (proxy) { return %IsJSProxy(proxy) ? %JSProxyGetHandler(proxy) : undefined; }),
})`;

/**
 * Compiles a script whose value is functions that look behind proxies without calling a trap, which ECMAScript cannot. V8 reads
 * `%` while its flag is set: while it compiles this text alone.
 */
function compileProxies(isolate: ivm.Isolate): ivm.Script {
  setV8Flag('--allow-natives-syntax');
  try {
    return isolate.compileScriptSync(PROXIES, { filename: 'copepod:proxies' });
  } finally {
    setV8Flag('--no-allow-natives-syntax');
  }
}

/** Only this context has V8's `gc`: the flag is off again before any other is made. */
function collector(isolate: ivm.Isolate): () => void {
  setV8Flag('--expose-gc');
  const context = isolate.createContextSync();
  setV8Flag('--no-expose-gc');
  const script = isolate.compileScriptSync('gc()', { filename: 'copepod:gc' });
  return () => script.runSync(context);
}
