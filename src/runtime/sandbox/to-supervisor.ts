import type { LogLevel } from '../types.ts';
import { type BodyStep, isBodyStep } from '../wire/body-step.ts';
import { type FetchStep, isFetchStep, MAX_WHOLE_BYTES } from '../wire/fetch-step.ts';
import { isResponsePart, MAX_PART_BYTES, type ResponsePart } from '../wire/response-part.ts';
import type { RunMessage } from '../wire/to-sandbox.ts';
import { blobOf } from './blob-of.ts';
import { flush, send, sendWithNext } from './channel.ts';
import { freeBytes } from './free-bytes.ts';
import { LogWriter } from './log-writer.ts';
import { ScriptSpans } from './script-spans.ts';

const LEVELS: ReadonlySet<unknown> = new Set<LogLevel>(['debug', 'info', 'warn', 'error']);
const MAX_CALL_BYTES = 512 << 10;
/** UTF-16 units of a step of `fetch` as JSON, which may be six times as long as what it says. */
const MAX_STEP_LENGTH = 256 << 10;

/** What the guest of a run has sent to the supervisor (guest/port.ts). What does not fit is not sent: the supervisor would end the process. */
export class ToSupervisor {
  /** Host calls and steps whose answer is still to come. */
  readonly calls = new Set<number>();
  readonly #run: RunMessage;
  readonly #logs: LogWriter;
  /** Undefined: it has made none. */
  #spans: ScriptSpans | undefined;
  /** The handler has given a promise to `ctx.waitUntil`: it goes on after its response. */
  #goesOn = false;

  constructor(run: RunMessage) {
    const { id } = run;
    this.#run = run;
    this.#logs = new LogWriter((lines) => send({ op: 'log', id, lines }));
  }

  log(level: unknown, text: unknown): void {
    if (LEVELS.has(level) && typeof text === 'string') this.#logs.add(level as LogLevel, text);
  }

  /** Sends what is logged and not sent yet. */
  endLog(): void {
    this.#logs.flush();
  }

  span(step: unknown, a: unknown, b: unknown): unknown {
    const { id, isTraced } = this.#run;
    this.#spans ??= new ScriptSpans(isTraced ? (made) => send({ ...made, op: 'span', id }) : undefined);
    return this.#spans.handle(step, a, b);
  }

  /** Sends a call of a host function. */
  call(name: unknown, args: unknown, call: unknown): void {
    if (typeof name !== 'string' || !Number.isSafeInteger(call) || this.calls.has(call as number)) return;
    this.calls.add(call as number);
    const { id } = this.#run;
    // What is measured is what is sent: a lone surrogate has one unit, three bytes, and six once it is escaped.
    if (typeof args !== 'string' || Buffer.byteLength(args) > MAX_CALL_BYTES) {
      // Settling needs the guest back in control, which it is once this call has returned.
      send({ op: 'call', id, call: call as number, name: '', args: '' });
      return;
    }
    send({ op: 'call', id, call: call as number, name, args, ...this.#spans?.mark });
  }

  /** Sends a step of a fetch. @returns false where it does not fit */
  fetch(json: unknown, bytes: unknown, call: unknown): boolean {
    if (typeof json !== 'string' || json.length > MAX_STEP_LENGTH || this.calls.has(call as number)) return false;
    const step = {
      ...(JSON.parse(json) as FetchStep),
      op: 'fetch',
      id: this.#run.id,
      call: call as number,
      ...this.#spans?.mark,
    } as const;
    const blob = blobOf(bytes, MAX_WHOLE_BYTES);
    if (!isFetchStep(step) || (blob?.length ?? 0) > MAX_WHOLE_BYTES) return false;
    if (step.step !== 'abort') this.calls.add(step.call);
    send(step, blob);
    freeBytes(bytes);
    return true;
  }

  /**
   * Asks for the next bytes of the request's body, or says that nothing reads them any more.
   * @param run whose request it is: a module that stays evaluated may have the requests of others
   * @returns false where that is over
   */
  body(step: unknown, run: unknown, call: unknown): boolean {
    const { id, request } = this.#run;
    if (run !== id || request?.isStreamed !== true) return false;
    const message = { op: 'body', id, call: call as number, step } as BodyStep;
    if (!isBodyStep({ ...message }) || this.calls.has(message.call)) return false;
    if (step === 'read') this.calls.add(message.call);
    send(message);
    return true;
  }

  /** Sends a part of a response. @returns false where it does not fit */
  respond(json: unknown, bytes: unknown, call: unknown): boolean {
    if (typeof json !== 'string' || json.length > MAX_STEP_LENGTH) return false;
    const { head, last } = JSON.parse(json) as ResponsePart;
    const step = { op: 'respond', id: this.#run.id, call: call as number, last } as const;
    const part = head === undefined ? step : { ...step, head };
    const blob = blobOf(bytes, MAX_PART_BYTES);
    if (!isResponsePart(part) || (!last && this.calls.has(part.call)) || (blob?.length ?? 0) > MAX_PART_BYTES)
      return false;
    if (!last) this.calls.add(part.call);
    // The end of most runs follows at once.
    if (last && !this.#goesOn) sendWithNext(part, blob);
    else send(part, blob);
    freeBytes(bytes);
    return true;
  }

  /** What follows its response may take long: what waits for it is sent. */
  goesOn(): void {
    this.#goesOn = true;
    flush();
  }
}
