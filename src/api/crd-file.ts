import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/**
 * Reads a kind's CRD; `T` is its type, which this file does not import to stay free of a cycle. The bundled CLI embeds it as JSON, which takes a fortieth of the time.
 */
export function readCrd<T>(kind: string): T {
  const file = new URL(`../../crds/${kind.toLowerCase()}s.copepod.dev.yaml`, import.meta.url);
  return parse(readFileSync(file, 'utf8')) as T;
}
