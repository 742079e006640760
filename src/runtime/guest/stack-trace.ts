import type { Port } from './port.ts';
import { apply, errorToString, SafeError, SafeString } from './primordials.ts';

/**
 * Formats `error.stack` as V8 does, but for the frames: those of the guest are left out, and the columns are those of
 * the author's source. A script may put a `prepareStackTrace` of its own in the place of this one.
 */
export function installStackTraces(port: Port): void {
  (SafeError as { prepareStackTrace?: unknown }).prepareStackTrace = (error: unknown, sites: unknown[]): string => {
    let frames = '';
    for (let i = 0; i < sites.length; i++) frames += `\n    at ${SafeString(sites[i])}`;
    return header(error) + (port('frames', frames) ?? frames);
  };
}

function header(error: unknown): string {
  try {
    return apply(errorToString, error, []) as string;
  } catch {
    return 'Error';
  }
}
