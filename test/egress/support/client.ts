import { Egress, type EgressOptions } from '../../../src/runtime/egress/egress.ts';
import type { RequestReport } from '../../../src/runtime/egress/request-record.ts';
import type { FetchAnswer, FetchHead } from '../../../src/runtime/wire/fetch-step.ts';

interface Reply {
  readonly ok: boolean;
  readonly value: string;
  readonly blob: Buffer | undefined;
}

/** What a script's fetch came to. */
export interface Fetched extends Partial<FetchAnswer> {
  /** Why it failed, or why its body did. */
  readonly error?: string;
  readonly text: string;
  readonly exceeded: boolean;
  readonly reports: readonly RequestReport[];
  readonly usage: { readonly fetches: number; readonly fetchBytesSent: number; readonly fetchBytesReceived: number };
}

export interface FetchOptions extends Partial<FetchHead> {
  readonly tenant?: string;
  readonly maxBytes?: number;
  readonly content?: string;
  /** Ends the session when the head of the response is there. */
  readonly abandons?: boolean;
}

/** The egress of a runtime, asked as a sandbox asks it. */
export class Client {
  readonly #egress: Egress;

  constructor(options: EgressOptions) {
    this.#egress = new Egress(options);
  }

  /** One execution that fetches once and reads the body to its end. */
  async fetch(url: string, options: FetchOptions = {}): Promise<Fetched> {
    const { tenant = 'acme', maxBytes = 1 << 20, content, abandons = false, ...head } = options;
    const replies = new Map<number, (reply: Reply) => void>();
    const reports: RequestReport[] = [];
    const over = Promise.withResolvers<Reply>();
    let exceeded = false;
    const session = this.#egress.open(
      { tenantKey: tenant, tenant, maxBytes },
      {
        reply: (call, ok, value, blob) => replies.get(call)?.({ ok, value, blob }),
        exceeded: () => {
          exceeded = true;
          over.resolve({ ok: false, value: '{"message":"fetchBytes"}', blob: undefined });
        },
        reported: (report) => void reports.push(report),
      },
    );
    let calls = 0;
    const step = (fields: object, blob = Buffer.alloc(0)): Promise<Reply> => {
      const call = calls++;
      const answered = new Promise<Reply>((resolve) => replies.set(call, resolve));
      session.handle({ op: 'fetch', id: 1, call, fetch: 0, ...fields } as never, blob);
      return Promise.race([answered, over.promise]);
    };
    const body = content === undefined ? 'none' : 'whole';
    const asked: FetchHead = { url, method: 'GET', headers: [], redirect: 'follow', body, ...head };
    let text = '';
    const result = (more: Partial<Fetched>): Fetched => {
      session.close();
      return { ...more, text, exceeded, reports, usage: session.usage };
    };
    const started = await step({ step: 'start', head: asked }, Buffer.from(content ?? ''));
    if (!started.ok) return result({ error: (JSON.parse(started.value) as { message: string }).message });
    const answer = JSON.parse(started.value) as FetchAnswer;
    while (answer.hasBody && !abandons) {
      const read = await step({ step: 'read' });
      if (!read.ok) return result({ ...answer, error: (JSON.parse(read.value) as { message: string }).message });
      if (read.blob === undefined) break;
      text += read.blob.toString('latin1');
    }
    return result(answer);
  }

  async close(): Promise<void> {
    await this.#egress.close();
  }
}
