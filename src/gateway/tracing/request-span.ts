import { AsyncLocalStorage } from 'node:async_hooks';
import type { Attributes, SpanRecord } from '../../api/span.ts';
import { newSpanID, newTraceID } from '../../api/span-ids.ts';
import { formatTraceparent, type SpanContext } from '../../api/trace-context.ts';
import type { SpanPod, Tracing } from '../../tracing/tracing.ts';

/** What a span says beside its ids. */
export type SpanContent = Pick<SpanRecord, 'name' | 'kind' | 'startMs' | 'endMs' | 'attributes'> & {
  /** Why it has failed; undefined: it has not. */
  readonly error?: string | undefined;
  readonly spanID?: string;
};

const active = new AsyncLocalStorage<RequestSpan>();

/** The span of the request, or of the call in it, that is handled; undefined where nothing is traced. */
export const activeSpan = (): RequestSpan | undefined => active.getStore();

/** The span of a request that is handled, with those within it. */
export class RequestSpan {
  readonly startMs = Date.now();
  readonly context: SpanContext;
  /** What is known of the request, in all its spans. */
  identity: Attributes = {};
  readonly #tracing: Tracing;
  readonly #parentID: string | undefined;

  /** @param parent what has sent the request, or the span that this one is within */
  constructor(tracing: Tracing, parent: SpanContext | undefined) {
    const traceID = parent?.traceID ?? newTraceID();
    this.#tracing = tracing;
    this.#parentID = parent?.spanID;
    this.context = { traceID, spanID: newSpanID(), isSampled: tracing.isSampled(traceID, parent) };
  }

  /** A span of its own within this one, or within what has sent the call that it is for. */
  call(sender: SpanContext | undefined): RequestSpan {
    const call = new RequestSpan(this.#tracing, sender ?? this.context);
    call.identity = this.identity;
    return call;
  }

  /** Has this span active while a request is handled. */
  run<T>(handle: () => Promise<T>): Promise<T> {
    return active.run(this, handle);
  }

  /** The trace context of a span within it. */
  traceparentOf(spanID: string): string {
    return formatTraceparent({ ...this.context, spanID });
  }

  /** Records a span within it. */
  within({ spanID = newSpanID(), ...content }: SpanContent): void {
    this.record({ ...contentOf(content), spanID, parentSpanID: this.context.spanID });
  }

  /** Records a span of its trace. @param pod undefined: of this process */
  record(span: SpanRecord, pod?: SpanPod): void {
    const { traceID, isSampled } = this.context;
    if (isSampled) this.#tracing.record({ traceID, span, identity: this.identity, pod });
  }

  /** It has ended. */
  end(content: Omit<SpanContent, 'startMs' | 'endMs' | 'spanID'>): void {
    const { spanID } = this.context;
    const within = this.#parentID === undefined ? {} : { parentSpanID: this.#parentID };
    this.record({ ...contentOf({ ...content, startMs: this.startMs, endMs: Date.now() }), spanID, ...within });
  }
}

const contentOf = ({ error, ...content }: Omit<SpanContent, 'spanID'>): Omit<SpanRecord, 'spanID'> => ({
  ...content,
  ...(error === undefined ? {} : { error }),
});
