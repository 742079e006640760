import { DelayedKeys } from '../kube/delayed-keys.ts';
import { Fifo } from '../kube/fifo.ts';

/** A reason to wait is written down when it has lasted so long: most pass sooner. */
const PATIENCE_MS = 1000;
/** When thousands wait, the writes that get them done go first: so many notes at once, and so many a second. */
const BURST = 100;
const PER_SECOND = 20;
/** Keys that are looked at in one go. */
const LOOKS = 50;

interface Note {
  /** What is to be written. */
  readonly text: string;
  /** When it has lasted, by our steady clock. */
  readonly dueAt: number;
  state: 'patient' | 'in line' | 'due';
}

/** Decides when it is worth a write to say why an execution waits. */
export class Notes {
  readonly #onDue: (key: string) => void;
  readonly #isPassing: (key: string) => boolean;
  readonly #notes = new Map<string, Note>();
  readonly #line = new Fifo<string>();
  readonly #patience = new DelayedKeys<string>((key) => this.#lineUp(key));
  readonly #refill: NodeJS.Timeout;
  #tokens = BURST;

  /**
   * @param onDue told of a key whose note can be written now
   * @param isPassing whether the wait of a key is about to end by itself: it is not worth a write
   */
  constructor(onDue: (key: string) => void, isPassing: (key: string) => boolean) {
    this.#onDue = onDue;
    this.#isPassing = isPassing;
    this.#refill = setInterval(() => this.#refilled(), 1000 / PER_SECOND).unref();
  }

  /** Whether this is to be written of an execution now. Where it is not, `onDue` tells when. */
  isDue(key: string, text: string): boolean {
    const note = this.#notes.get(key);
    if (note?.text === text) return note.state === 'due' && !this.#isPutOff(key, note);
    this.#notes.set(key, { text, dueAt: performance.now() + PATIENCE_MS, state: 'patient' });
    this.#patience.add(key, PATIENCE_MS);
    return false;
  }

  /** It is written, or does not wait for this any more. */
  forget(key: string): void {
    this.#notes.delete(key);
  }

  close(): void {
    clearInterval(this.#refill);
    this.#patience.clear();
  }

  /** It was due, and while that was on its way something has come to move: it stands in line again. */
  #isPutOff(key: string, note: Note): boolean {
    if (!this.#isPassing(key)) return false;
    note.state = 'in line';
    this.#tokens = Math.min(BURST, this.#tokens + 1);
    this.#line.push(key);
    return true;
  }

  #lineUp(key: string): void {
    const note = this.#notes.get(key);
    if (note?.state !== 'patient') return;
    const leftMs = note.dueAt - performance.now();
    if (leftMs > 0) {
      this.#patience.add(key, leftMs); // what was waited for was another's time
      return;
    }
    note.state = 'in line';
    this.#line.push(key);
    this.#serve();
  }

  #refilled(): void {
    this.#tokens = Math.min(BURST, this.#tokens + 1);
    this.#serve();
  }

  #serve(): void {
    for (let looks = Math.min(this.#line.length, LOOKS); looks > 0 && this.#tokens >= 1; looks -= 1) {
      const key = this.#line.shift() as string;
      const note = this.#notes.get(key);
      if (note?.state !== 'in line') continue;
      if (this.#isPassing(key)) {
        this.#line.push(key);
        continue;
      }
      note.state = 'due';
      this.#tokens -= 1;
      this.#onDue(key);
    }
  }
}
