import { dropCall, openCall } from './pending-calls.ts';
import type { Port } from './port.ts';
import { bare, SafePromise } from './primordials.ts';

/** The answer to a step of `fetch` (wire/fetch-step.ts) or of a body (wire/body-step.ts), or to a part of a response (wire/response-part.ts). */
export interface StepAnswer {
  readonly ok: boolean;
  /** JSON text; of a body, why it is not `ok`. */
  readonly value: string;
  readonly bytes: Uint8Array<ArrayBuffer> | undefined;
}

/** Sends a step, as JSON with bytes of a body. Undefined where it is too long to be sent. */
export type SendStep = (step: string, bytes?: Uint8Array<ArrayBuffer>) => Promise<StepAnswer> | undefined;

export function stepSender(port: Port, op: 'fetch' | 'respond'): SendStep {
  return (step, bytes) => answered(port, (call) => port(op as 'fetch', step, bytes, call));
}

/** Asks for the next bytes of the body of a run's request. Undefined where the run is over. */
export type ReadBody = (run: number) => Promise<StepAnswer> | undefined;

export function bodyReader(port: Port): ReadBody {
  return (run) => answered(port, (call) => port('body', 'read', run, call));
}

/** @param send sends a step, whose answer has that number; false where it cannot be sent */
function answered(port: Port, send: (call: number) => boolean): Promise<StepAnswer> | undefined {
  let call = 0;
  const answer = new SafePromise<StepAnswer>((resolve) => {
    call = openCall((ok, value) => {
      resolve(bare({ ok, value, bytes: port('answer-bytes') as Uint8Array<ArrayBuffer> | undefined }));
    });
  });
  if (send(call)) return answer;
  dropCall(call);
  return undefined;
}
