import type { Readable } from 'node:stream';
import { ApiError, type StatusBody } from './api-error.ts';
import type { KubeObject } from './object.ts';

/** A change of an object, or a bookmark: all changes up to its resource version have been sent. */
export type WatchEvent<T extends KubeObject> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T }
  | { readonly type: 'BOOKMARK'; readonly object: Pick<KubeObject, 'metadata'> };

export interface LineOptions {
  /** Called for each chunk. */
  readonly onArrival?: () => void;
  /** Longer lines, in characters, are left out. Default: none is too long. */
  readonly maxLength?: number;
}

/** Splits a stream into lines; an incomplete last line is discarded. */
export async function* readLines(
  body: Readable,
  { onArrival, maxLength = Number.POSITIVE_INFINITY }: LineOptions = {},
): AsyncGenerator<string, void> {
  body.setEncoding('utf8');
  let parts: string[] = [];
  let length = 0;
  const add = (part: string): void => {
    length += part.length;
    if (length <= maxLength) parts.push(part);
    else parts = [];
  };
  for await (const chunk of body as AsyncIterable<string>) {
    onArrival?.();
    let start = 0;
    for (let end = chunk.indexOf('\n'); end >= 0; end = chunk.indexOf('\n', start)) {
      add(chunk.slice(start, end));
      if (length <= maxLength) yield parts.join('');
      parts = [];
      length = 0;
      start = end + 1;
    }
    if (start < chunk.length) add(chunk.slice(start));
  }
}

/** Parses one line of a watch. Throws `ApiError` if the server ends the watch with an error event. */
export function parseWatchLine<T extends KubeObject>(line: string): WatchEvent<T> {
  const event = JSON.parse(line) as WatchEvent<T> | { type: 'ERROR'; object: StatusBody };
  if (event.type === 'ERROR') throw new ApiError(event.object.code ?? 500, event.object);
  return event;
}
