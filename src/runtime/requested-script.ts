import type { ScriptToCompile } from '../api/pod-protocol.ts';
import type { ScriptSource } from './types.ts';

/** The script of a request. */
export function requestedScript({ source, files, imports, language, name }: ScriptToCompile): ScriptSource {
  if (files === undefined) return { source: source ?? '', language, name };
  const others = Object.fromEntries(Object.entries(files).filter(([other]) => other !== name));
  return { source: files[name] ?? '', files: others, imports: imports ?? {}, language, name };
}
