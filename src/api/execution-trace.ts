import { hash } from 'node:crypto';
import { parseTraceparent, type SpanContext } from './trace-context.ts';

/** On a ScriptExecution: the W3C trace context (`traceparent`) of what has created it, as `spec.context.traceparent`, which wins. */
export const TRACEPARENT_ANNOTATION = 'copepod.dev/traceparent';

/** The ids of a run's trace. The same wherever they are asked for: no leader needs to know what another one has recorded. */
export interface RunTrace {
  readonly traceID: string;
  /** Of the run, from the creation of its object to its outcome. */
  readonly rootID: string;
  /** Of what asked for it; undefined: the trace begins here. */
  readonly parent: SpanContext | undefined;
}

/** The `traceparent` that a ScriptExecution names; undefined where it names none that is valid. Pure. */
export function requestedTraceparent(
  { annotations }: { readonly annotations?: Readonly<Record<string, string>> | undefined },
  context: { readonly traceparent?: string | undefined } | undefined,
): string | undefined {
  return [context?.traceparent, annotations?.[TRACEPARENT_ANNOTATION]].find(
    (each) => parseTraceparent(each) !== undefined,
  );
}

/** The trace of a run of a ScriptExecution. Pure. @param requested as `requestedTraceparent` gives it */
export function runTrace(uid: string, run: number, requested: string | undefined): RunTrace {
  const parent = parseTraceparent(requested);
  return {
    traceID: parent?.traceID ?? idOf(`trace of ${uid}.${run}`, TRACE_DIGITS),
    rootID: idOf(`run ${uid}.${run}`, SPAN_DIGITS),
    parent,
  };
}

/** Id of the span of one attempt. Pure. */
export const attemptSpanID = (uid: string, run: number, attempt: number): string =>
  idOf(`attempt ${uid}.${run}.${attempt}`, SPAN_DIGITS);

const TRACE_DIGITS = 32;
const SPAN_DIGITS = 16;

const idOf = (text: string, digits: number): string => hash('sha256', `copepod ${text}`).slice(0, digits);
