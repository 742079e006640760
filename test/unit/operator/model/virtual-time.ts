/** A simulated process: it can pause or exit between any two events. */
export class Process {
  readonly name: string;
  #state: 'up' | 'paused' | 'ended' = 'up';
  readonly #whenEnded = new Set<() => void>();
  /** Events that arrived while it was paused. */
  readonly held: Happening[] = [];

  constructor(name: string) {
    this.name = name;
  }

  get state(): 'up' | 'paused' | 'ended' {
    return this.#state;
  }

  pause(): void {
    if (this.#state === 'up') this.#state = 'paused';
  }

  /** For `VirtualTime.wake`. */
  unpause(): void {
    if (this.#state === 'paused') this.#state = 'up';
  }

  /** Kills the process: its pending events are dropped. */
  end(): void {
    this.#state = 'ended';
    this.held.length = 0;
    for (const tell of this.#whenEnded) tell();
  }

  /** Returns a function that cancels it. */
  whenEnded(tell: () => void): () => void {
    this.#whenEnded.add(tell);
    return () => this.#whenEnded.delete(tell);
  }
}

interface Happening {
  readonly at: number;
  readonly order: number;
  /** The process of the event; undefined: none. */
  readonly process: Process | undefined;
  readonly run: () => void;
  isCancelled: boolean;
}

const START = Date.UTC(2026, 10, 22, 10);
const afterIO = setImmediate;
/** Coarse interval for timers that do not affect the protocol. */
const SLOWEST_TICK_MS = 1000;

/**
 * One clock, which jumps from event to event, and the timers of all processes. All work of a process is caused by an event and
 * is completed before the next event: the order of events determines the simulation.
 */
export class VirtualTime {
  /** Sorted; the next one is last. */
  readonly #happenings: Happening[] = [];
  readonly #random: () => number;
  #now = 0;
  #order = 0;
  #process: Process | undefined;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Milliseconds since the start. */
  get now(): number {
    return this.#now;
  }

  /** Milliseconds since the epoch. */
  get date(): number {
    return START + this.#now;
  }

  after(ms: number, process: Process | undefined, run: () => void): Happening {
    this.#order += 1;
    const happening = { at: this.#now + Math.max(0, ms), order: this.#order, process, run, isCancelled: false };
    this.#insert(happening);
    return happening;
  }

  /** Resumes a process: deferred events happen now. */
  wake(process: Process): void {
    process.unpause();
    for (const held of process.held.splice(0)) {
      // Events that it cancels meanwhile do not happen.
      this.after(this.#random(), process, () => held.isCancelled || held.run());
    }
  }

  /** Executes the next event and its consequences. False: there are no events. */
  async step(): Promise<boolean> {
    const next = this.#happenings.pop();
    if (next === undefined) return false;
    if (next.isCancelled || next.process?.state === 'ended') return true;
    this.#now = Math.max(this.#now, next.at);
    if (next.process?.state === 'paused') {
      next.process.held.push(next);
      return true;
    }
    this.#process = next.process;
    next.run();
    await new Promise<void>((resolve) => afterIO(resolve)); // by then all promise jobs have run
    this.#process = undefined;
    return true;
  }

  /** Runs a function with this clock as the global one. */
  async rule<T>(action: () => Promise<T>): Promise<T> {
    const real = { setTimeout, clearTimeout, setInterval, clearInterval, Date, performance };
    const { random } = Math;
    Object.assign(globalThis, this.#globals(real.Date));
    define('performance', { now: () => this.#now });
    Math.random = this.#random;
    try {
      return await action();
    } finally {
      Math.random = random;
      define('performance', real.performance);
      Object.assign(globalThis, real);
    }
  }

  #globals(RealDate: DateConstructor): object {
    const time = this;
    class VirtualDate extends RealDate {
      constructor(...args: []) {
        super(...((args.length === 0 ? [time.date] : args) as []));
      }
      static override now(): number {
        return time.date;
      }
    }
    const timer = (run: () => void, ms: number, isRepeated: boolean): object => {
      const process = this.#process;
      const handle = { happening: undefined as Happening | undefined, unref: () => handle, ref: () => handle };
      const arm = (): void => {
        handle.happening = this.after(ms, process, () => {
          if (isRepeated) arm();
          run();
        });
      };
      arm();
      return handle;
    };
    const clear = (handle: { happening?: Happening } | undefined): void => {
      if (handle?.happening) handle.happening.isCancelled = true;
    };
    return {
      Date: VirtualDate,
      setTimeout: (run: () => void, ms = 0) => timer(run, ms, false),
      setInterval: (run: () => void, ms: number) => timer(run, Math.max(SLOWEST_TICK_MS, ms), true),
      clearTimeout: clear,
      clearInterval: clear,
    };
  }

  #insert(happening: Happening): void {
    const all = this.#happenings;
    let from = 0;
    let to = all.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      const other = all[middle] as Happening;
      if (other.at > happening.at || (other.at === happening.at && other.order > happening.order)) from = middle + 1;
      else to = middle;
    }
    all.splice(from, 0, happening);
  }
}

function define(name: string, value: unknown): void {
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}
