import { FilePlaces } from '../compiler/positions.ts';
import type { FileMaps } from '../compiler/program.ts';
import type { Place } from '../compiler/source-error.ts';
import { type ErrorReport, isPosition } from '../wire/from-sandbox.ts';

const MAX_FRAMES = 20;
const MAX_DEPTH = 8;
const MAX_ERRORS = 16;
/** UTF-16 units of an error's message, and of its stack: what the guest keeps, unless a script has tampered with it. */
const MAX_MESSAGE = 4096;
const MAX_STACK = 16_384;
const MAX_FRAME = 1024;

/** Reads a source map once: what that loads is loaded late otherwise. */
export function preloadPositions(): void {
  const map = '{"version":3,"sources":["a"],"names":[],"mappings":"AAAA"}';
  new FilePlaces({ compiled: [map], inline: map }).find({ line: 1, column: 1 });
}

/** Finds the author's places for those in a program's compiled files. */
export class AuthorsPlaces {
  /** JSON of each file's source maps, until they are needed. */
  readonly #files: Map<string, string | FilePlaces>;

  constructor(maps: ReadonlyMap<string, string>) {
    this.#files = new Map(maps);
  }

  /** Whether V8 has a file of this name of the program. */
  has(file: string): boolean {
    return this.#files.has(file);
  }

  /** Whether a file is one of the author's: of the program, or what a bundle of the program is made of. */
  hasAuthors(file: string): boolean {
    return this.has(file) || [...this.#files.keys()].some((name) => this.#placesOf(name)?.hasSource(file));
  }

  /** @returns undefined for code that compilation added */
  find(file: string, place: Place): Required<Place> | undefined {
    const places = this.#placesOf(file);
    const found = places === undefined ? place : places.find(place);
    return found && { file, ...found };
  }

  #placesOf(file: string): FilePlaces | undefined {
    const known = this.#files.get(file) ?? '';
    if (typeof known !== 'string') return known;
    if (known === '') return undefined;
    const places = new FilePlaces(JSON.parse(known) as FileMaps);
    this.#files.set(file, places);
    return places;
  }
}

/**
 * The frames of a stack trace as the author knows them: those of the program's files, and the built-ins between them.
 * @param frames as the guest writes them (stack-trace.ts): line, column, and as JSON file and text, with tabs between
 * @param added a variable that compilation has added: V8 names functions after what they are assigned to
 */
export function authorsFrames(frames: string, places: AuthorsPlaces, added = ''): string {
  const kept: string[] = [];
  let last = 0;
  for (const frame of frames.split('\n')) {
    if (kept.length >= MAX_FRAMES) break;
    const { file, line, column, text } = frameOf(frame);
    if (places.has(file)) {
      const place = isPosition(line) && isPosition(column) ? places.find(file, { line, column }) : undefined;
      if (place === undefined) continue;
      kept.push(withPlace(added === '' ? text : withoutName(text, added), place));
      last = kept.length;
    } else if (text.endsWith('(<anonymous>)')) {
      kept.push(`    at ${text}`);
    }
  }
  return kept
    .slice(0, last)
    .map((frame) => `\n${frame}`)
    .join('');
}

function frameOf(frame: string): { file: string; line: number; column: number; text: string } {
  const [line, column, file = '""', text = '""'] = frame.split('\t');
  try {
    return {
      file: String(JSON.parse(file)),
      line: Number(line),
      column: Number(column),
      text: String(JSON.parse(text)).replace(LINE_ENDS, ' ').slice(0, MAX_FRAME),
    };
  } catch {
    return { file: '', line: 0, column: 0, text: '' };
  }
}

/** A function may have any name. */
const LINE_ENDS = /[\n\r\u2028\u2029]/g;

/** The text of a frame ends with its place, in brackets if a function's name comes first. */
function withPlace(text: string, { file, line, column }: Required<Place>): string {
  const where = `${file}:${line}:${column}`;
  const [, name] = /^(.*) \([^()]*\)$/s.exec(text) ?? [];
  if (name !== undefined) return `    at ${name} (${where})`;
  return `    at ${/^async /.exec(text)?.[0] ?? ''}${where}`;
}

/** `value` and `value.member` are what V8 calls functions that it has no other names for. */
function withoutName(text: string, name: string): string {
  const start = text.startsWith('async ') ? 'async '.length : 0;
  const [async, rest] = [text.slice(0, start), text.slice(start)];
  if (rest.startsWith(`${name}.`)) return async + rest.slice(name.length + 1);
  return rest.startsWith(`${name} (`) ? async + rest.slice(name.length + 2, -1) : text;
}

const TOP_FRAME = /^ {4}at (?:.* \()?(?:async )?([^\s()]+):(\d+):(\d+)\)?$/;

/** Of a stack, the frames that `authorsFrames` has written. */
export function knownFrames(stack: string, places: AuthorsPlaces): string {
  const frames = stack.split('\n').filter((frame) => {
    const file = TOP_FRAME.exec(frame)?.[1];
    return (file !== undefined && places.hasAuthors(file)) || /^ {4}at .*\(<anonymous>\)$/.test(frame);
  });
  return frames.map((frame) => `\n${frame}`).join('');
}

/** An error as its author reads it: file, line and column are those of the topmost frame, and the stack is frames alone. */
export function authorsError(report: ErrorReport, places: AuthorsPlaces, depth = 0): ErrorReport {
  const frames = String(report.stack ?? '')
    .split('\n')
    .filter((frame) => frame.startsWith('    at '))
    .slice(0, MAX_FRAMES);
  const top = frames
    .map((frame) => TOP_FRAME.exec(frame))
    .find((found) => found !== null && places.hasAuthors(found[1] as string) && isPosition(Number(found[2])));
  const errors = Array.isArray(report.errors) ? (report.errors as ErrorReport[]) : [];
  const isDeepest = depth >= MAX_DEPTH;
  return {
    message: String(report.message).slice(0, MAX_MESSAGE),
    ...(top == null ? {} : { file: top[1] as string, line: Number(top[2]), column: Number(top[3]) }),
    ...(frames.length === 0 ? {} : { stack: frames.join('\n').slice(0, MAX_STACK) }),
    ...(report.cause === undefined || isDeepest ? {} : { cause: authorsError(report.cause, places, depth + 1) }),
    ...(errors.length === 0 || isDeepest
      ? {}
      : { errors: errors.slice(0, MAX_ERRORS).map((error) => authorsError(error, places, depth + 1)) }),
  };
}
