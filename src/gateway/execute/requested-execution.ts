import { API_VERSION } from '../../api/crd.ts';
import type { JsonObject, JsonValue } from '../../api/json.ts';
import type { ScriptExecution } from '../../api/types.generated.ts';
import { validateObject } from '../../api/validate.ts';
import type { RequestTrace } from '../http/trace-context.ts';
import { Refusal } from '../refusal.ts';

/**
 * Name of the execution where no object exists: the name of its script in errors. It is the same for all, as compiled
 * programs are cached by it.
 */
const NAME = 'execute';

/** The request that an execution is made from. */
export interface Requested {
  readonly namespace: string;
  /** Name of the ScriptRuntime, in the path. */
  readonly runtime: string;
  /** The body. */
  readonly spec: JsonValue;
  /** Its id: `context.execution.id`. */
  readonly uid: string;
  readonly trace: RequestTrace;
  /** User of the request, who is `context.execution.createdBy`; empty on a machine without users. */
  readonly username: string;
}

/** Fields with a meaning for objects alone, and the values that ask for nothing. */
const WITHOUT_EFFECT: Readonly<Record<string, { readonly value: JsonValue; readonly why: string }>> = {
  suspend: { value: false, why: 'it would never start' },
  cancel: { value: false, why: 'it would never start; close the connection to cancel it' },
  backoffLimit: { value: 0, why: 'what was sent to a pod is never sent again' },
};

/**
 * The ScriptExecution of a request: validated as the API server does, with defaults. Its context has the request's id
 * and trace where the body names none, and type `http`. Pure.
 *
 * @throws Refusal BadRequest or Invalid
 */
export function requestedExecution({ namespace, runtime, spec, uid, trace, username }: Requested): ScriptExecution {
  if (spec === null || typeof spec !== 'object' || Array.isArray(spec)) {
    throw new Refusal('BadRequest', 'the body must be a JSON object: the spec of a ScriptExecution');
  }
  const runtimeRef = spec.runtimeRef ?? { name: runtime };
  const named = isObject(runtimeRef) ? runtimeRef.name : undefined;
  if (typeof named === 'string' && named !== runtime) {
    throw new Refusal('BadRequest', `spec.runtimeRef names "${named}", and the path "${runtime}": leave it out`);
  }
  const checked = validateObject('ScriptExecution', {
    apiVersion: API_VERSION,
    kind: 'ScriptExecution',
    metadata: { name: NAME, namespace },
    spec: { ...spec, runtimeRef, context: contextOf(spec.context, trace, username) },
  });
  if (!checked.ok) {
    const [first] = checked.errors;
    const more = checked.errors.length > 1 ? ` (and ${checked.errors.length - 1} more)` : '';
    throw new Refusal('Invalid', `${first?.path} ${first?.message}${more}`, { errors: checked.errors });
  }
  const { object } = checked;
  for (const [field, { value, why }] of Object.entries(WITHOUT_EFFECT)) {
    const given = object.spec[field as 'suspend' | 'cancel' | 'backoffLimit'];
    if (given !== value) throw new Refusal('Invalid', `spec.${field} must be ${String(value)} here: ${why}`);
  }
  return { ...object, metadata: { ...object.metadata, uid, generation: 1 } };
}

/** The context as given, and what the request says of itself. */
function contextOf(
  given: JsonValue | undefined,
  { requestID, traceparent, tracestate }: RequestTrace,
  username: string,
): JsonValue {
  if (given !== undefined && given !== null && !isObject(given)) return given; // which is invalid
  const context = given ?? {};
  const trace = traceparent === undefined || context.traceparent !== undefined ? {} : { traceparent, tracestate };
  const createdBy = username === '' ? {} : { createdBy: username };
  const execution = isObject(context.execution ?? {})
    ? { type: 'http', triggeredBy: 'api', ...(context.execution as JsonObject), ...createdBy }
    : context.execution;
  return withoutUndefined({ requestID, ...trace, ...context, execution });
}

function withoutUndefined(object: Readonly<Record<string, JsonValue | undefined>>): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as JsonObject;
}

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
