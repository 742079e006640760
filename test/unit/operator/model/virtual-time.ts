/** A program on some machine: it can stop for a while, or for good, between any two things that happen to it. */
export class Process {
  readonly name: string;
  #state: 'up' | 'paused' | 'ended' = 'up';
  readonly #whenEnded = new Set<() => void>();
  /** What has come while it was paused. */
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

  /** At once, in the middle of whatever it does: nothing of it happens any more. */
  end(): void {
    this.#state = 'ended';
    this.held.length = 0;
    for (const tell of this.#whenEnded) tell();
  }

  /** Gives what takes it back. */
  whenEnded(tell: () => void): () => void {
    this.#whenEnded.add(tell);
    return () => this.#whenEnded.delete(tell);
  }
}

interface Happening {
  readonly at: number;
  readonly order: number;
  /** Whom it happens to; undefined: the world. */
  readonly process: Process | undefined;
  readonly run: () => void;
  isCancelled: boolean;
}

const START = Date.UTC(2026, 10, 22, 10);
const afterIO = setImmediate;
/** What only paces work beside the point can tick slowly. */
const SLOWEST_TICK_MS = 1000;

/**
 * One clock for all, which jumps from one happening to the next, and the timers of all processes. Everything that a process
 * does follows from something that happens to it, and is done before the next thing happens: the order of happenings is
 * the whole of a simulation.
 */
export class VirtualTime {
  /** The next one last. */
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

  /** Milliseconds since 1970. */
  get date(): number {
    return START + this.#now;
  }

  after(ms: number, process: Process | undefined, run: () => void): Happening {
    this.#order += 1;
    const happening = { at: this.#now + Math.max(0, ms), order: this.#order, process, run, isCancelled: false };
    this.#insert(happening);
    return happening;
  }

  /** Lets a process go on: what has come meanwhile happens now. */
  wake(process: Process): void {
    process.unpause();
    for (const held of process.held.splice(0)) {
      // What it calls off before it gets to it does not happen.
      this.after(this.#random(), process, () => held.isCancelled || held.run());
    }
  }

  /** Lets the next thing happen, with all that follows from it. False: nothing is left to happen. */
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
    await new Promise<void>((resolve) => afterIO(resolve)); // all promises have been served by then
    this.#process = undefined;
    return true;
  }

  /** Does something with this clock as the only one that there is. */
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
