/** How a request ended: the class of its status, or why there is none or no whole body. */
export const FETCH_OUTCOMES = ['1xx', '2xx', '3xx', '4xx', '5xx', 'refused', 'failed', 'aborted'] as const;
export type FetchOutcome = (typeof FETCH_OUTCOMES)[number];

/** One request of a script, those of redirects too, for the audit log and for metrics. */
export interface RequestReport {
  /** Name of the rule that applied; absent where none did. */
  readonly rule?: string;
  /** Name of the entry of `spec.tools` whose call it belongs to; absent: `fetch`. */
  readonly tool?: string;
  readonly method: string;
  /** Without query, fragment and credentials. */
  readonly url: string;
  readonly status?: number;
  readonly outcome: FetchOutcome;
  /** Why it was refused or failed. */
  readonly error?: string;
  readonly bytesSent: number;
  /** Decompressed. */
  readonly bytesReceived: number;
  readonly milliseconds: number;
}

/** Gathers what is reported of a request, once, when it has ended. */
export class RequestRecord {
  rule: string | undefined;
  status: number | undefined;
  bytesSent = 0;
  /** Decompressed. */
  bytesReceived = 0;
  readonly #url: string;
  readonly #method: string;
  readonly #tool: string | undefined;
  readonly #report: (report: RequestReport) => void;
  readonly #startMs = performance.now();
  #hasEnded = false;

  constructor({ origin, pathname }: URL, method: string, report: (report: RequestReport) => void, tool?: string) {
    this.#tool = tool;
    this.#url = `${origin}${pathname}`;
    this.#method = method;
    this.#report = report;
  }

  end(outcome: FetchOutcome, error?: string): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#report({
      ...(this.rule === undefined ? {} : { rule: this.rule }),
      ...(this.#tool === undefined ? {} : { tool: this.#tool }),
      method: this.#method,
      url: this.#url,
      ...(this.status === undefined ? {} : { status: this.status }),
      outcome,
      ...(error === undefined ? {} : { error }),
      bytesSent: this.bytesSent,
      bytesReceived: this.bytesReceived,
      milliseconds: Math.round(performance.now() - this.#startMs),
    });
  }
}
