import type { WebRequestHead } from '../../api/web-exchange.ts';

/** The request that a web handler is to answer, as the sandbox process tells of it. */
export interface GivenRequest extends WebRequestHead {
  /** `whole`: the port gives it (`request-bytes`). `streamed`: it is read in steps (wire/body-step.ts). */
  readonly body: 'none' | 'whole' | 'streamed';
  /** The URL is as the URL parser writes it, and holds no user. */
  readonly isParsed: boolean;
  /** The module stays evaluated for other requests. */
  readonly isKept: boolean;
  /** Number of the run. Its body can be read as long as it lasts. */
  readonly run: number;
}
