import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type Attributes,
  type AttributeValue,
  MAX_ATTRIBUTE_VALUE,
  MAX_ATTRIBUTES,
  MAX_SPAN_ERROR,
  MAX_SPAN_NAME,
  MAX_SPANS,
  MAX_SPANS_BYTES,
  type SpanKind,
  type SpanRecord,
} from '../api/span.ts';
import { newSpanID } from '../api/span-ids.ts';
import { formatTraceparent, type SpanContext } from '../api/trace-context.ts';
import type { Redactor } from './env/redactor.ts';
import { monotonicMicroseconds } from './wire/monotonic-clock.ts';
import { SpanBudget } from './wire/span-budget.ts';
import type { SpanStep } from './wire/span-step.ts';

/** A span that has not ended. */
export interface OpenSpan {
  readonly spanID: string;
  set(attributes: Attributes): void;
  /** @param error why it has failed; empty where that is not said */
  end(error?: string): void;
}

/**
 * The spans of one execution, bounded in number and size. Ids are made here: neither a script nor its sandbox process can choose
 * them.
 */
export class RunSpans {
  /** The execution, from its arrival to its outcome. */
  readonly run: OpenSpan;
  readonly #context: SpanContext;
  readonly #epochMs = Date.now();
  readonly #startMicroseconds = monotonicMicroseconds();
  readonly #ended: SpanRecord[] = [];
  readonly #budget = new SpanBudget();
  #bytes = 0;
  #dropped = 0;
  /** The script on its VM, from when it starts. */
  #script: OpenSpan | undefined;
  /** Ids of the script's own spans by their numbers, also of those that have ended. */
  readonly #ids = new Map<number, string>();
  readonly #open = new Map<number, ScriptSpan>();
  /** What the script has asked for and has not been answered. */
  readonly #requests = new Set<OpenSpan>();
  /** Of the attributes that the script has set for itself as a whole. */
  #attributes = { count: 0, bytes: 0 };

  /** @param context of the span that has asked for the execution */
  constructor(context: SpanContext) {
    this.#context = context;
    this.run = this.#start('run', context.spanID, 'Server', (record) => this.#ended.push(record));
  }

  /** Starts a part of the execution. */
  phase(name: string): OpenSpan {
    return this.#start(name, this.run.spanID, 'Internal', (record) => this.#ended.push(record));
  }

  /** The script starts on its VM. */
  startScript(): OpenSpan {
    this.#script = this.phase('script');
    return this.#script;
  }

  /**
   * Starts what the script has asked for.
   * @param within number of the script's own span around it, 0 for none
   */
  request(name: string, within: number, kind: SpanKind): OpenSpan {
    return this.#requested(name, this.#idOf(within), kind);
  }

  #requested(name: string, parentSpanID: string, kind: SpanKind): OpenSpan {
    const span = this.#start(name, parentSpanID, kind, (record) => {
      this.#requests.delete(span);
      this.#add(record);
    });
    this.#requests.add(span);
    return span;
  }

  /** Calls a host function in the span of its call: what it asks for by `requestOfCall` is within that. */
  call<T>(span: OpenSpan, call: () => T): T {
    return CALLS.run(span, call);
  }

  /**
   * Starts a request: of the host function whose code is running, as a call of a tool sends it, else of the script.
   * @param within as for `request`
   */
  requestOfCall(name: string, within: number, kind: SpanKind): OpenSpan {
    return this.#requested(name, CALLS.getStore()?.spanID ?? this.#idOf(within), kind);
  }

  /** The `traceparent` that continues a span elsewhere. */
  traceparent({ spanID }: Pick<OpenSpan, 'spanID'>): string {
    return formatTraceparent({ ...this.#context, spanID });
  }

  /** Takes a step of a span that the script makes. @throws TypeError for one that no sandbox sends unless it has been taken over */
  step(step: SpanStep, redactor: Redactor): void {
    if (!this.#budget.take(step)) throw new TypeError('spans beyond their budget');
    const atMs = this.#msOf(step.microseconds);
    if (step.step === 'start') {
      if (this.#ids.has(step.span)) throw new TypeError('a second start of a span');
      const spanID = newSpanID();
      const parentSpanID = this.#idOf(step.parent);
      const name = redactor.text(step.name).slice(0, MAX_SPAN_NAME);
      this.#ids.set(step.span, spanID);
      this.#open.set(step.span, new ScriptSpan({ name, spanID, parentSpanID, startMs: atMs }));
      return;
    }
    if (step.span === 0) {
      if (step.step === 'set') this.#setOfScript(step.attributes, redactor);
      return;
    }
    // It may have ended: a script can keep it.
    const open = this.#open.get(step.span);
    if (open === undefined) return;
    if (step.step === 'end') this.#end(step.span, open, atMs);
    else {
      const error = step.error === undefined ? undefined : redactor.text(step.error).slice(0, MAX_SPAN_ERROR);
      open.set(redacted(step.attributes, redactor), error);
    }
  }

  /**
   * Ends the execution, and what has not ended in it. Returns all spans.
   * @param error why it has failed; undefined: it has not
   */
  finish(attributes: Attributes, error: string | undefined): readonly SpanRecord[] {
    const nowMs = this.#msOf(monotonicMicroseconds());
    for (const [number, open] of this.#open) this.#end(number, open, nowMs);
    for (const request of this.#requests) request.end();
    this.run.set({ ...attributes, ...(this.#dropped === 0 ? {} : { 'copepod.spans.dropped': this.#dropped }) });
    this.run.end(error);
    return this.#ended;
  }

  #setOfScript(attributes: Attributes, redactor: Redactor): void {
    const kept = redacted(attributes, redactor);
    const count = this.#attributes.count + Object.keys(kept).length;
    const bytes = this.#attributes.bytes + Buffer.byteLength(JSON.stringify(kept));
    if (count > MAX_ATTRIBUTES || bytes > OWN_BYTES / 2) return;
    this.#attributes = { count, bytes };
    this.#script?.set(kept);
  }

  #end(number: number, open: ScriptSpan, endMs: number): void {
    this.#open.delete(number);
    this.#add(open.ended(endMs));
  }

  #idOf(number: number): string {
    return this.#ids.get(number) ?? (this.#script ?? this.run).spanID;
  }

  #start(name: string, parentSpanID: string, kind: SpanKind, onEnd: (record: SpanRecord) => void): OpenSpan {
    const spanID = newSpanID();
    const startMs = this.#msOf(monotonicMicroseconds());
    const attributes: Record<string, AttributeValue> = {};
    let hasEnded = false;
    return {
      spanID,
      set: (more) => Object.assign(attributes, more),
      end: (error) => {
        if (hasEnded) return;
        hasEnded = true;
        const endMs = Math.max(startMs, this.#msOf(monotonicMicroseconds()));
        onEnd({
          name,
          kind,
          spanID,
          parentSpanID,
          startMs,
          endMs,
          attributes,
          ...(error === undefined ? {} : { error }),
        });
      },
    };
  }

  /** Keeps a span of the script or of what it has asked for, where there is room. */
  #add(record: SpanRecord): void {
    const bytes = Buffer.byteLength(JSON.stringify(record)) + 1;
    if (this.#ended.length >= MAX_SPANS - OWN_SPANS || this.#bytes + bytes > MAX_SPANS_BYTES - OWN_BYTES) {
      this.#dropped++;
      return;
    }
    this.#bytes += bytes;
    this.#ended.push(record);
  }

  /** @param microseconds of the monotonic clock, from a sandbox: clamped between the start and now */
  #msOf(microseconds: number): number {
    const now = monotonicMicroseconds();
    return this.#epochMs + Math.max(0, Math.min(microseconds, now) - this.#startMicroseconds) / 1000;
  }
}

/**
 * Takes a step of a span that a script makes.
 * @param spans undefined: the execution is not traced
 * @throws TypeError for what no sandbox sends unless it has been taken over
 */
export function takeStep(spans: RunSpans | undefined, step: SpanStep, redactor: Redactor): void {
  if (spans === undefined) throw new TypeError('a span of an execution that is not traced');
  spans.step(step, redactor);
}

/** The call of a host function whose code is running. */
const CALLS = new AsyncLocalStorage<OpenSpan>();

/** Room for the spans of the execution itself; half of it for what the script sets in the one of its own. */
const OWN_SPANS = 8;
const OWN_BYTES = 24 << 10;

/** A span that a script makes. */
class ScriptSpan {
  readonly #start: Pick<SpanRecord, 'name' | 'spanID' | 'startMs'> & { readonly parentSpanID: string };
  readonly #attributes = new Map<string, AttributeValue>();
  #error: string | undefined;

  constructor(start: Pick<SpanRecord, 'name' | 'spanID' | 'startMs'> & { readonly parentSpanID: string }) {
    this.#start = start;
  }

  set(attributes: Attributes, error: string | undefined): void {
    for (const [name, value] of Object.entries(attributes)) {
      if (this.#attributes.size < MAX_ATTRIBUTES || this.#attributes.has(name)) this.#attributes.set(name, value);
    }
    this.#error = error ?? this.#error;
  }

  ended(endMs: number): SpanRecord {
    const error = this.#error === undefined ? {} : { error: this.#error };
    return {
      ...this.#start,
      kind: 'Internal',
      endMs: Math.max(this.#start.startMs, endMs),
      attributes: Object.fromEntries(this.#attributes),
      ...error,
      byScript: true,
    };
  }
}

const redacted = (attributes: Attributes, redactor: Redactor): Attributes =>
  Object.fromEntries(
    Object.entries(redactor.json({ ...attributes }) as Attributes).map(([name, value]) => [
      name,
      typeof value === 'string' ? value.slice(0, MAX_ATTRIBUTE_VALUE) : value,
    ]),
  );
