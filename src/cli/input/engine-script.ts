import type { ScriptSource } from '../../runtime/types.ts';
import type { ScriptText } from './script-text.ts';

/** A script as the engine takes it. */
export function engineScript({ name, source, language, files, imports, imported }: ScriptText): ScriptSource {
  const isAlone = imported === undefined && Object.keys(files).length === 0;
  return { name, source, language, ...(isAlone ? {} : { files, imports }) };
}
