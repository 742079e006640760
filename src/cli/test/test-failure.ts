import type { ScriptError } from '../../runtime/script-error.ts';
import type { AuthorPlace, AuthorPlaces } from '../bundle/author-places.ts';

/** Why a test failed, in the author's files. */
export interface TestFailure {
  readonly message: string;
  readonly place?: AuthorPlace;
  /** Text of the file of the place. */
  readonly source?: string;
  /** Frames of the stack, such as `at vat (src/vat.ts:3:9)`. */
  readonly stack: readonly string[];
}

/** The end of the path of what `copepod/test` is. */
const HARNESS = /(^|\/)sandbox\/test\.js$/;
const FRAME = /^\s*at (?:(.*?) \()?.*?:(\d+):(\d+)\)?$/;

/** An error of a bundle as one of the files that it is made from. Pure. */
export function failureOf(
  error: ScriptError,
  places: Pick<AuthorPlaces, 'find'>,
  sources: ReadonlyMap<string, string>,
): TestFailure {
  const frames = (error.stack ?? '').split('\n').flatMap((line) => {
    const [, name, at, column] = FRAME.exec(line) ?? [];
    const place = at === undefined ? undefined : places.find(Number(at), Number(column));
    return place === undefined || HARNESS.test(place.file) ? [] : [{ name, place }];
  });
  const own = error.line === undefined ? undefined : places.find(error.line, error.column ?? 1);
  const place = own === undefined || HARNESS.test(own.file) ? frames[0]?.place : own;
  return {
    message: error.message,
    ...(place === undefined ? {} : { place, source: sources.get(place.file) ?? '' }),
    stack: frames.map(({ name, place: { file, line, column } }) => {
      const where = `${file}:${line}:${column}`;
      return name === undefined ? `at ${where}` : `at ${name} (${where})`;
    }),
  };
}
