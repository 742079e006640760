import type { Verdict } from '../classify.ts';
import { type ErrorCause, ScriptError } from '../script-error.ts';
import type { Limits } from '../types.ts';
import type { Redactor } from './redactor.ts';

/** How an execution ended, without secret values. A result that is too large without them has the reason for it. Pure. */
export function redactedVerdict(
  verdict: Verdict,
  redactor: Redactor,
  { resultBytes }: Pick<Limits, 'resultBytes'>,
): Verdict {
  if (redactor.isEmpty) return verdict;
  const { reason, result, error } = verdict;
  if (error !== undefined) return { reason, error: redactedError(error, redactor) };
  if (result === undefined) return verdict;
  const redacted = redactor.json(result);
  const bytes = Buffer.byteLength(JSON.stringify(redacted));
  if (bytes <= resultBytes) return { reason, result: redacted };
  const message = `the result is ${bytes} bytes of JSON without secret values; at most ${resultBytes} are kept`;
  return { reason: 'ResultTooLarge', error: new ScriptError('ResultTooLarge', { message }) };
}

function redactedError(error: ScriptError, redactor: Redactor): ScriptError {
  const { reason, line, column, file, message } = error;
  const stack = error.stack?.startsWith(`${message}\n`) ? error.stack.slice(message.length + 1) : undefined;
  const given = { message, cause: error.cause as ErrorCause | undefined, errors: error.errors };
  const { cause, errors } = redactedCause(given, redactor);
  return new ScriptError(reason, {
    message: redactor.text(message),
    file: file === undefined ? undefined : redactor.text(file),
    stack: stack === undefined ? undefined : redactor.text(stack),
    line,
    column,
    cause,
    errors,
  });
}

function redactedCause({ message, stack, cause, errors }: Loose<ErrorCause>, redactor: Redactor): ErrorCause {
  return {
    message: redactor.text(message),
    ...(stack === undefined ? {} : { stack: redactor.text(stack) }),
    ...(cause === undefined ? {} : { cause: redactedCause(cause, redactor) }),
    ...(errors === undefined ? {} : { errors: errors.map((each) => redactedCause(each, redactor)) }),
  };
}

type Loose<T> = { [Key in keyof T]: T[Key] | (undefined extends T[Key] ? undefined : never) };
