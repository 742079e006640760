import type { EventMessage, Failure } from '../messages.ts';
import { lines, RequestFailed } from './api.ts';
import type { Store } from './store.ts';

/** State of the connection to the dashboard. */
export type Connection =
  | { readonly state: 'connecting' | 'live' | 'paused' }
  /** It is tried again. */
  | { readonly state: 'lost'; readonly failure: Failure }
  /** The viewer has to sign in. */
  | { readonly state: 'signed-out'; readonly failure: Failure };

const FIRST_RETRY_MS = 500;
const MAX_RETRY_MS = 15_000;
/** The dashboard says something each 15 s: after this time without anything the connection is lost. */
const SILENT_MS = 45_000;
/** A page in the background gives its connection back after this time. */
const HIDDEN_MS = 30_000;

/** Keeps a store as the cluster is, until it is closed: reads the stream of events, and again after a loss. */
export class Live {
  readonly #store: Store;
  readonly #namespace: string;
  readonly #onChange: (connection: Connection | undefined) => void;
  readonly #closed = new AbortController();
  #current = new AbortController();
  #wake: () => void = () => {};

  /** @param onChange called after changes of the store, and of the connection */
  constructor(store: Store, namespace: string, onChange: (connection: Connection | undefined) => void) {
    this.#store = store;
    this.#namespace = namespace;
    this.#onChange = onChange;
    let hiding: ReturnType<typeof setTimeout> | undefined;
    document.addEventListener(
      'visibilitychange',
      () => {
        clearTimeout(hiding);
        if (document.visibilityState === 'hidden') hiding = setTimeout(() => this.#current.abort('hidden'), HIDDEN_MS);
        else this.#wake();
      },
      { signal: this.#closed.signal },
    );
    void this.#run();
  }

  close(): void {
    this.#closed.abort();
    this.#current.abort('closed');
    this.#wake();
  }

  async #run(): Promise<void> {
    let retryMs = FIRST_RETRY_MS;
    while (!this.#closed.signal.aborted) {
      this.#onChange({ state: 'connecting' });
      this.#current = new AbortController();
      let failure: Failure = { from: 'dashboard', code: 0, reason: 'Closed', message: 'the connection was closed' };
      try {
        await this.#read(this.#current.signal, () => {
          retryMs = FIRST_RETRY_MS;
        });
      } catch (error) {
        if (error instanceof RequestFailed) failure = error.failure;
      }
      if (this.#closed.signal.aborted) return;
      if (document.visibilityState === 'hidden' && this.#current.signal.reason === 'hidden') {
        this.#onChange({ state: 'paused' });
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        continue;
      }
      if (failure.code === 401) {
        this.#onChange({ state: 'signed-out', failure });
        return;
      }
      this.#onChange({ state: 'lost', failure });
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, retryMs);
      });
      retryMs = Math.min(MAX_RETRY_MS, retryMs * 2);
    }
  }

  async #read(signal: AbortSignal, onData: () => void): Promise<void> {
    let silence: ReturnType<typeof setTimeout> | undefined;
    const heard = (): void => {
      clearTimeout(silence);
      silence = setTimeout(() => this.#current.abort('silent'), SILENT_MS);
    };
    try {
      heard();
      const query = this.#namespace === '' ? '' : `?namespace=${encodeURIComponent(this.#namespace)}`;
      for await (const messages of lines<EventMessage>(`/api/events${query}`, signal)) {
        heard();
        onData();
        for (const message of messages) this.#store.apply(message);
        this.#onChange({ state: 'live' });
      }
    } finally {
      clearTimeout(silence);
    }
  }
}
