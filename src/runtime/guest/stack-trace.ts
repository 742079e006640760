import type { Port } from './port.ts';
import {
  apply,
  defineProperty,
  endsWith,
  errorToString,
  getOf,
  SafeError,
  SafeString,
  SafeWeakMap,
  setOf,
  stringify,
} from './primordials.ts';

/** Errors whose stack was read last are kept: what isolated-vm copies of an error is read by its stack. */
const MAX_RECENT = 32;

interface CallSite {
  getFileName(): unknown;
  getLineNumber(): unknown;
  getColumnNumber(): unknown;
}

type PrepareStackTrace = (error: object, sites: CallSite[]) => unknown;

/** Made with the first stack that is formatted. */
let framesByError: WeakMap<object, string> | undefined;
const recent = { __proto__: null } as unknown as Record<number, object>;
let count = 0;

/**
 * Formats `error.stack` as V8 does, but for the frames: those of the guest are left out, and the places are those of the
 * author's source. A script may set `Error.prepareStackTrace` as ever; the frames of each error are noted before.
 */
export function installStackTraces(port: Port): void {
  let theirs: PrepareStackTrace | undefined;
  const prepare: PrepareStackTrace = (error, sites) => {
    const frames = port('frames', describeSites(sites)) ?? '';
    noteFrames(error, frames);
    recent[count++ % MAX_RECENT] = error;
    return theirs === undefined ? header(error) + frames : apply(theirs, SafeError, [error, sites]);
  };
  defineProperty(SafeError, 'prepareStackTrace', {
    __proto__: null,
    get: () => prepare,
    set: (value: unknown) => {
      theirs = typeof value === 'function' && value !== prepare ? (value as PrepareStackTrace) : undefined;
    },
  } as PropertyDescriptor);
}

/** The frames of an error, without its message; none where a script has put its own text in their place. */
export function framesOf(error: object): string {
  try {
    void (error as { stack?: unknown }).stack; // formats it, if nothing has done so before
  } catch {
    // what a script has set has thrown: the frames are noted
  }
  return notedFrames(error);
}

/** Gives frames to an error that has none of its own. */
export function giveFrames(error: object, frames: string): void {
  if (framesOf(error) === '') noteFrames(error, frames);
}

function noteFrames(error: object, frames: string): void {
  framesByError ??= new SafeWeakMap();
  setOf(framesByError, error, frames);
}

const notedFrames = (error: object): string =>
  (framesByError === undefined ? undefined : getOf(framesByError, error)) ?? '';

/** Finds the error that was copied with this message and these frames, which those in its message may precede. */
export function recentError(message: string, frames: string): object | undefined {
  for (let n = count - 1; n >= 0 && n >= count - MAX_RECENT; n--) {
    const error = recent[n % MAX_RECENT] as { message?: unknown };
    try {
      const isSame = frames === '' || endsWith(frames, notedFrames(error));
      if (isSame && SafeString(error.message) === message) return error;
    } catch {
      // a getter of the script's
    }
  }
  return undefined;
}

/** One frame a line: line, column, and as JSON text the file and V8's description. */
function describeSites(sites: CallSite[]): string {
  let text = '';
  for (let i = 0; i < sites.length; i++) {
    const site = sites[i] as CallSite;
    try {
      const file = stringify(SafeString(site.getFileName() ?? ''));
      text += `${SafeString(site.getLineNumber())}\t${SafeString(site.getColumnNumber())}\t${file}\t${stringify(SafeString(site))}\n`;
    } catch {
      // a script has tampered with call sites, and loses this one
    }
  }
  return text;
}

function header(error: unknown): string {
  try {
    return apply(errorToString, error, []) as string;
  } catch {
    return 'Error';
  }
}
