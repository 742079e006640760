import { succeededCondition } from '../../api/conditions.ts';
import { terminalText } from '../../api/text.ts';
import type { ScriptExecution } from '../../api/types.generated.ts';
import type { ErrorCause } from '../../runtime/script-error.ts';
import { bundledPosition, placeIn, textOf } from '../input/script-text.ts';
import type { Task } from '../input/workload.ts';
import type { Finished } from '../run/run-task.ts';
import { codeFrame } from './code-frame.ts';
import { logLineText } from './log-line.ts';
import type { Style } from './style.ts';

const MAX_FRAMES = 5;
const MAX_CAUSES = 5;
const MAX_MESSAGE = 2000;

/** The failure of an execution as text: message, position, code frame, callers and causes. */
export function failureText({ execution, error }: Finished, { script }: Pick<Task, 'script'>, style: Style): string {
  const { bold, red, dim } = style;
  const { status } = execution;
  const failure = status.error;
  if (failure === undefined) return '';
  const { line, column } = failure;
  let text = `\n${red('✗')} ${bold(qualifiedName(execution))}: ${bold(reasonOf(execution))}\n`;
  text += indented(messageText(failure.message), 2);
  if (line !== undefined) {
    const file = error?.file;
    const bundled = bundledPosition(script, { file, line, column: column ?? 1 });
    if (bundled !== undefined) {
      text += indented(dim(`at ${terminalText(`${file}:${line}:${column ?? 1}`)}, which is bundled as`), 2);
    }
    const at = bundled ?? { file, line, column };
    const place = placeIn(script, at.line, at.column ?? 1, at.file);
    const where = `${place.file}:${place.line}:${place.column}`;
    const inScript = place.path === '' ? '' : ` (line ${at.line} of ${place.path})`;
    text += indented(dim(`at ${terminalText(where)}${inScript}`), 2);
    const shown = script.linked ? undefined : textOf(script, at.file);
    const frame = shown === undefined ? undefined : codeFrame(shown, at, style.colours);
    if (frame !== undefined) text += `\n${indented(frame, 4)}`;
  }
  // The first frame is the position already shown.
  const callers = framesOf(error?.stack, failure.message).slice(1, 1 + MAX_FRAMES);
  if (callers.length > 0) text += `\n${indented(dim(callers.map((frame) => terminalText(frame)).join('\n')), 4)}`;
  text += causesText(error?.cause as ErrorCause | undefined);
  const earlier = status.attemptHistory?.length ?? 0;
  if (earlier > 0) text += indented(dim(`attempt ${status.attempts}, after ${earlier} that failed`), 2);
  return text;
}

/** The logs of a script, as lines. */
export function logsText({ metadata, status }: ScriptExecution, style: Style): string {
  if (status.logs === undefined) return '';
  const lines = status.logs.map((line) => logLineText(line, style, 2));
  return `\n${style.bold(`logs of ${metadata.namespace}/${metadata.name}`)}\n${lines.join('')}`;
}

export function reasonOf({ status }: ScriptExecution): string {
  return succeededCondition(status)?.reason ?? '';
}

function qualifiedName({ metadata }: ScriptExecution): string {
  return `${metadata.namespace}/${metadata.name}`;
}

function messageText(message: string): string {
  const text = terminalText(message.slice(0, MAX_MESSAGE), { multiline: true });
  return message.length > MAX_MESSAGE ? `${text}…` : text;
}

function framesOf(stack: string | undefined, message: string): string[] {
  const frames = stack?.startsWith(message) ? stack.slice(message.length) : (stack ?? '');
  return frames
    .split('\n')
    .map((frame) => frame.trim())
    .filter((frame) => frame.startsWith('at '));
}

function causesText(cause: ErrorCause | undefined): string {
  let text = '';
  for (let depth = 0; cause !== undefined && depth < MAX_CAUSES; depth++) {
    const frame = framesOf(cause.stack, cause.message).find((each) => /:\d+:\d+\)?$/.test(each));
    text += indented(
      `caused by ${messageText(cause.message)}${frame === undefined ? '' : ` ${terminalText(frame)}`}`,
      2,
    );
    cause = cause.cause;
  }
  return text;
}

export function indented(text: string, spaces: number): string {
  return `${text.replace(/^/gm, ' '.repeat(spaces)).trimEnd()}\n`;
}
