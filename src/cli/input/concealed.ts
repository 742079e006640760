import { ScriptError } from '../../runtime/script-error.ts';
import type { ScriptText } from './script-text.ts';

/**
 * An error that is safe to show: if a symbolic link leads to a file that does not compile, the message could contain
 * words of a file that is not a script.
 */
export function concealed(error: ScriptError, { linked }: Pick<ScriptText, 'linked'>): ScriptError {
  if (!linked || error.reason !== 'CompilationError') return error;
  const { line, column } = error;
  const message = 'SyntaxError: does not compile (the file is a symbolic link: name the file itself to see more)';
  return new ScriptError(error.reason, { message, line, column });
}
