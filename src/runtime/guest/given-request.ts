import type { WebRequestHead } from '../../api/web-exchange.ts';
import { parse } from './primordials.ts';

/** The request that a web handler is to answer, as the sandbox process tells of it. */
export interface GivenRequest extends Pick<WebRequestHead, 'url' | 'method'> {
  /** As JSON: few scripts read them. */
  readonly headers: string;
  /** `whole`: the port gives it (`request-bytes`). `streamed`: it is read in steps (wire/body-step.ts). */
  readonly body: 'none' | 'whole' | 'streamed';
  /** The URL is as the URL parser writes it, and holds no user. */
  readonly isParsed: boolean;
  /** The module stays evaluated for other requests. */
  readonly isKept: boolean;
  /** Number of the run. Its body can be read as long as it lasts. */
  readonly run: number;
}

/** Reads it out of a list of its members, as JSON. In a context that has run little, to read an object out of JSON takes V8 three times as long. */
export function readGiven(text: string): GivenRequest {
  const list = parse(text) as unknown[];
  return {
    __proto__: null,
    url: list[0],
    isParsed: list[1],
    method: list[2],
    headers: list[3],
    body: list[4],
    isKept: list[5],
    run: list[6],
  } as unknown as GivenRequest;
}
