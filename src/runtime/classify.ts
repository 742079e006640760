import type { JsonValue } from '../api/json.ts';
import { textNestsTooDeep, tooDeepMessage } from '../api/json-depth.ts';
import { MAX_FILE_NAME } from '../api/limits.ts';
import type { EndReason, Reason } from '../api/outcome.ts';
import { storableJson } from '../api/storable-json.ts';
import { storableText } from '../api/text.ts';
import { MAX_RESPONSE_BODY_BYTES } from '../api/web-exchange.ts';
import type { WatchReport } from './limiter.ts';
import { type ErrorCause, ScriptError } from './script-error.ts';
import type { Limits } from './types.ts';
import { VMLostError } from './vm.ts';
import { type ErrorReport, isPosition, type RunReport } from './wire/from-sandbox.ts';

/** How a call of a VM ended, from all that the supervisor saw of it. */
export interface CallEnd {
  /** What the sandbox said, or the error that took the sandbox away. */
  readonly answer: { readonly report: RunReport; readonly cpuMs: number; readonly heapBytes: number } | VMLostError;
  readonly watch: WatchReport;
  readonly wallMs: number;
  /** More host calls than allowed: the supervisor has ended it. */
  readonly tooManyCalls: boolean;
  /** More bytes sent and received by `fetch` than allowed: the supervisor has ended it. */
  readonly tooManyFetchBytes: boolean;
  /** More bytes of a response than allowed: the supervisor has ended it. */
  readonly tooLargeResponse: boolean;
}

/** Reason, and what goes with it. */
export interface Verdict {
  readonly reason: EndReason;
  readonly result?: JsonValue;
  readonly error?: ScriptError;
}

/** UTF-16 units of an error's message and of its stack: a sandbox keeps to them too, but may have been taken over. */
const MAX_MESSAGE = 4096;
const MAX_STACK = 16_384;

/** Classifies the end of a call: first what the supervisor did, then what the sandbox says. Pure. */
export function classify(end: CallEnd, limits: Limits): Verdict {
  const { answer, watch } = end;
  const lost = answer instanceof VMLostError;
  if (watch.exceeded === 'cancelled') return { reason: 'Cancelled' };
  if (end.tooManyCalls) {
    return failed('APICallsExceeded', `the script made more than ${limits.apiCalls} calls of host functions and fetch`);
  }
  if (end.tooManyFetchBytes) {
    return failed('FetchBytesExceeded', `fetch sent and received more than ${megabytes(limits.fetchBytes)}`);
  }
  if (end.tooLargeResponse) {
    return failed('ResultTooLarge', `the body of the response is more than ${megabytes(MAX_RESPONSE_BODY_BYTES)}`);
  }
  if (watch.exceeded === 'memory' || (lost ? answer.outOfMemory : answer.heapBytes > limits.memoryBytes)) {
    return failed('MemoryExceeded', `the script needed more than ${megabytes(limits.memoryBytes)} of memory`);
  }
  if (watch.exceeded === 'cpu' || (!lost && answer.cpuMs > limits.cpuTimeMs)) {
    return failed('CPUTimeExceeded', `the script used more than ${limits.cpuTimeMs} ms of processor time`);
  }
  if (watch.exceeded === 'timeout' || (!lost && end.wallMs - watch.blockedMs > limits.timeoutMs)) {
    return failed('TimeoutExceeded', `the script ran for more than ${limits.timeoutMs} ms`);
  }
  if (lost) return failed('SandboxLost', 'the sandbox process ended for a reason outside the script');
  return fromReport(answer.report, limits);
}

function fromReport(report: RunReport, limits: Limits): Verdict {
  switch (report.kind) {
    case 'value':
      return report.json === null ? { reason: 'Completed' } : completed(report.json, limits);
    case 'thrown':
      return errorVerdict('RuntimeError', report.error);
    case 'result-too-large':
      return tooLarge(report.bytes, limits);
    case 'never-settles':
      return failed('TimeoutExceeded', 'the script waits for a promise that nothing can settle any more');
    case 'out-of-memory':
      return failed('MemoryExceeded', `the script needed more than ${megabytes(limits.memoryBytes)} of memory`);
  }
}

const tooLarge = (bytes: number, limits: Limits): Verdict =>
  failed('ResultTooLarge', `the result is ${bytes} bytes of JSON; at most ${limits.resultBytes} are kept`);

function completed(json: string, limits: Limits): Verdict {
  const bytes = Buffer.byteLength(json);
  if (bytes > limits.resultBytes) return tooLarge(bytes, limits);
  if (textNestsTooDeep(json)) return failed('RuntimeError', tooDeepMessage('the result'));
  let result: JsonValue;
  try {
    result = JSON.parse(json) as JsonValue;
  } catch {
    return failed('SandboxLost', 'the sandbox process broke the protocol');
  }
  // What has to go stands in the JSON text as an escape, or a hostile sandbox has sent half a character.
  if (!json.includes('\\u') && json.isWellFormed()) return { reason: 'Completed', result };
  let clash: string | undefined;
  const storable = storableJson(result, (name) => {
    clash ??= name;
  });
  if (clash === undefined) return { reason: 'Completed', result: storable };
  const name = JSON.stringify(clash);
  return failed(
    'RuntimeError',
    `the result has members that would all be named ${name}: lone surrogates become U+FFFD`,
  );
}

const failed = (reason: EndReason, message: string): Verdict => ({
  reason,
  error: new ScriptError(reason, { message }),
});

/** How an execution ends whose script does not compile. Pure. */
export const compileError = (report: ErrorReport): Verdict & { error: ScriptError } =>
  errorVerdict('CompilationError', report);

function errorVerdict(reason: EndReason & Reason, report: ErrorReport): Verdict & { error: ScriptError } {
  const { message, stack, cause, errors } = clean(report);
  // A stack that a script has written itself may name any place.
  const line = isPosition(report.line) ? report.line : undefined;
  const column = line !== undefined && isPosition(report.column) ? report.column : undefined;
  const file = line === undefined ? undefined : report.file?.slice(0, MAX_FILE_NAME);
  return { reason, error: new ScriptError(reason, { message, stack, cause, errors, file, line, column }) };
}

function clean(report: ErrorReport): ErrorCause {
  return {
    message: storableText(report.message.slice(0, MAX_MESSAGE)),
    ...(report.stack === undefined ? {} : { stack: storableText(report.stack.slice(0, MAX_STACK)) }),
    ...(report.cause === undefined ? {} : { cause: clean(report.cause) }),
    ...(report.errors === undefined ? {} : { errors: report.errors.map(clean) }),
  };
}

const megabytes = (bytes: number): string => `${Math.round((bytes / 2 ** 20) * 10) / 10} MiB`;
