import { type Debugger, Session } from 'node:inspector';
import { originalPositionFor, TraceMap } from '@jridgewell/trace-mapping';

/** Only the author's code has a URL. */
const AUTHORS = /\n\/\/# sourceURL=(\S+)/;
/** URL of the main file, which is compiled first. */
let mainUrl: string | undefined;

/** Called with each code before it is compiled: the first that has a URL is the main file. */
export function noteCode(code: string): void {
  mainUrl ??= AUTHORS.exec(code)?.[1];
}

/**
 * Stops the main file at its first statement: at the top, not in a function that stands before it. A session of this process with its own
 * inspector sets a breakpoint there, which stops the script for every debugger.
 */
export function breakAtFirstLine(): void {
  const session = new Session();
  session.connect();
  session.on('Debugger.scriptParsed', ({ params }: { params: Debugger.ScriptParsedEventDataType }) => {
    if (params.url === mainUrl) breakAtTop(session, params);
  });
  session.post('Debugger.enable');
}

function breakAtTop(session: Session, { scriptId, sourceMapURL }: Debugger.ScriptParsedEventDataType): void {
  const all = locationsFrom(session, { scriptId, lineNumber: 0, columnNumber: 0 }, false);
  const isAuthors = authorsPlaces(sourceMapURL ?? '');
  // The last place is where the top returns. Where all of it is a function that compilation has put around it, that one returns before.
  const location = firstOf(session, all, all.at(-1), isAuthors) ?? firstOf(session, all, all.at(-2), isAuthors);
  if (location !== undefined) session.post('Debugger.setBreakpoint', { location });
}

/** The first place of the function that returns at `end`, and of none in it; as V8 counts, a script that begins with a function begins in it. */
function firstOf(
  session: Session,
  all: readonly Debugger.Location[],
  end: Debugger.Location | undefined,
  isAuthors: (place: Debugger.Location) => boolean,
): Debugger.Location | undefined {
  for (let i = 0; i < all.length; i++) {
    const place = all[i] as Debugger.Location;
    const last = locationsFrom(session, place, true).at(-1);
    if (!isSame(last, end)) {
      // A function that returns before `end`: its places are skipped.
      if (isBefore(last, end))
        i = Math.max(
          i,
          all.findIndex((each) => isSame(each, last)),
        );
    } else if (isAuthors(place)) return place;
  }
  return undefined;
}

/** Whether a place is one that the author has written. */
function authorsPlaces(sourceMapURL: string): (place: Debugger.Location) => boolean {
  const base64 = /;base64,(.*)$/.exec(sourceMapURL)?.[1];
  if (base64 === undefined) return () => true;
  const map = new TraceMap(Buffer.from(base64, 'base64').toString());
  return ({ lineNumber, columnNumber = 0 }) =>
    originalPositionFor(map, { line: lineNumber + 1, column: columnNumber }).line !== null;
}

/** @param ofFunction those of the function that the place is in, and of none in it */
function locationsFrom(session: Session, start: Debugger.Location, ofFunction: boolean): Debugger.Location[] {
  let locations: Debugger.Location[] = [];
  session.post('Debugger.getPossibleBreakpoints', { start, restrictToFunction: ofFunction }, (_, found) => {
    locations = found?.locations ?? [];
  });
  return locations;
}

const isSame = (a: Debugger.Location | undefined, b: Debugger.Location | undefined): boolean =>
  a?.lineNumber === b?.lineNumber && a?.columnNumber === b?.columnNumber;

const isBefore = (a: Debugger.Location | undefined, b: Debugger.Location | undefined): boolean =>
  a !== undefined &&
  b !== undefined &&
  (a.lineNumber - b.lineNumber || (a.columnNumber ?? 0) - (b.columnNumber ?? 0)) < 0;
