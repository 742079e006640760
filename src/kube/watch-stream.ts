import type { Readable } from 'node:stream';
import { ApiError, type StatusBody } from './api-error.ts';
import type { KubeObject } from './object.ts';

/** A change of an object, or a bookmark: all changes up to its resource version have been sent. */
export type WatchEvent<T extends KubeObject> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T }
  | { readonly type: 'BOOKMARK'; readonly object: Pick<KubeObject, 'metadata'> };

/** Splits a stream into lines; an incomplete last line is discarded. Calls `onArrival` for each chunk. */
export async function* readLines(body: Readable, onArrival: () => void = () => {}): AsyncGenerator<string, void> {
  body.setEncoding('utf8');
  let parts: string[] = [];
  for await (const chunk of body as AsyncIterable<string>) {
    onArrival();
    let start = 0;
    for (let end = chunk.indexOf('\n'); end >= 0; end = chunk.indexOf('\n', start)) {
      parts.push(chunk.slice(start, end));
      yield parts.join('');
      parts = [];
      start = end + 1;
    }
    if (start < chunk.length) parts.push(chunk.slice(start));
  }
}

/** Parses one line of a watch. Throws `ApiError` if the server ends the watch with an error event. */
export function parseWatchLine<T extends KubeObject>(line: string): WatchEvent<T> {
  const event = JSON.parse(line) as WatchEvent<T> | { type: 'ERROR'; object: StatusBody };
  if (event.type === 'ERROR') throw new ApiError(event.object.code ?? 500, event.object);
  return event;
}
