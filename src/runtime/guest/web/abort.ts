import { aborts } from './aborts.ts';
import { DOMException } from './dom-exception.ts';
import { EventTarget, fire, handlerOf, setHandler } from './event-target.ts';
import { asInterface, bare, primordials, requireArguments, setTimeout } from './kit.ts';

const { TypeError: SafeTypeError, iterator, trunc } = primordials;

/** Only the platform makes signals. */
const OURS = {};
/** Longest time of a timer, in milliseconds: a longer time-out does not come. */
const MAX_DELAY_MS = 2 ** 31 - 1;

let abort: (signal: AbortSignal, reason: unknown) => void;

export class AbortSignal extends EventTarget {
  #isAborted = false;
  #reason: unknown;
  #algorithms: (() => void)[] = bare([]);
  readonly #isDependent: boolean;
  readonly #sources: AbortSignal[] = bare([]);
  readonly #dependents: AbortSignal[] = bare([]);

  static {
    abort = (signal, reason) => signal.#abort(reason);
    aborts.isSignal = (value) => typeof value === 'object' && value !== null && #isAborted in value;
    aborts.isAborted = (signal) => (signal as AbortSignal).#isAborted;
    aborts.reasonOf = (signal) => (signal as AbortSignal).#reason;
    aborts.onAbort = (signal, algorithm) => {
      const of = signal as AbortSignal;
      of.#algorithms[of.#algorithms.length] = algorithm;
      return () => {
        const kept = bare([]) as (() => void)[];
        for (let i = 0; i < of.#algorithms.length; i++) {
          if (of.#algorithms[i] !== algorithm) kept[kept.length] = of.#algorithms[i] as () => void;
        }
        of.#algorithms = kept;
      };
    };
  }

  constructor(key: unknown = undefined, isDependent = false) {
    if (key !== OURS) throw new SafeTypeError('Illegal constructor');
    super();
    this.#isDependent = isDependent;
  }

  static abort(reason: unknown = undefined): AbortSignal {
    const signal = new AbortSignal(OURS);
    signal.#isAborted = true;
    signal.#reason = reason === undefined ? new DOMException('This operation was aborted', 'AbortError') : reason;
    return signal;
  }

  static timeout(milliseconds: unknown): AbortSignal {
    requireArguments(arguments.length, 1, 'AbortSignal.timeout');
    const delay = trunc(+(milliseconds as number));
    if (!(delay >= 0 && delay <= 2 ** 53 - 1)) {
      throw new SafeTypeError('AbortSignal.timeout: the time is not a number of milliseconds from 0 to 2^53 - 1');
    }
    const signal = new AbortSignal(OURS);
    if (delay <= MAX_DELAY_MS) {
      setTimeout(
        () => signal.#abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError')),
        delay,
      );
    }
    return signal;
  }

  static any(signals: unknown): AbortSignal {
    requireArguments(arguments.length, 1, 'AbortSignal.any');
    const list = bare([]) as AbortSignal[];
    if (typeof signals !== 'object' || signals === null || typeof (signals as never)[iterator] !== 'function') {
      throw new SafeTypeError('AbortSignal.any: the signals are not iterable');
    }
    for (const signal of signals as Iterable<unknown>) {
      if (typeof signal !== 'object' || signal === null || !(#isAborted in signal)) {
        throw new SafeTypeError('AbortSignal.any: a value is not an AbortSignal');
      }
      list[list.length] = signal as AbortSignal;
    }
    const result = new AbortSignal(OURS, true);
    for (let i = 0; i < list.length; i++) {
      const signal = list[i] as AbortSignal;
      if (!signal.#isAborted) continue;
      result.#isAborted = true;
      result.#reason = signal.#reason;
      return result;
    }
    for (let i = 0; i < list.length; i++) {
      const signal = list[i] as AbortSignal;
      if (!signal.#isDependent) result.#follow(signal);
      else for (let j = 0; j < signal.#sources.length; j++) result.#follow(signal.#sources[j] as AbortSignal);
    }
    return result;
  }

  get aborted(): boolean {
    return this.#isAborted;
  }

  get reason(): unknown {
    return this.#reason;
  }

  throwIfAborted(): void {
    if (this.#isAborted) throw this.#reason;
  }

  get onabort(): unknown {
    return handlerOf(this, 'abort');
  }

  set onabort(value: unknown) {
    setHandler(this, 'abort', value);
  }

  #follow(source: AbortSignal): void {
    for (let i = 0; i < this.#sources.length; i++) if (this.#sources[i] === source) return;
    this.#sources[this.#sources.length] = source;
    source.#dependents[source.#dependents.length] = this;
  }

  #abort(reason: unknown): void {
    if (this.#isAborted) return;
    this.#isAborted = true;
    this.#reason = reason === undefined ? new DOMException('This operation was aborted', 'AbortError') : reason;
    const toAbort = bare([]) as AbortSignal[];
    for (let i = 0; i < this.#dependents.length; i++) {
      const dependent = this.#dependents[i] as AbortSignal;
      if (dependent.#isAborted) continue;
      dependent.#isAborted = true;
      dependent.#reason = this.#reason;
      toAbort[toAbort.length] = dependent;
    }
    this.#tell();
    for (let i = 0; i < toAbort.length; i++) (toAbort[i] as AbortSignal).#tell();
  }

  #tell(): void {
    const algorithms = this.#algorithms;
    this.#algorithms = bare([]);
    for (let i = 0; i < algorithms.length; i++) (algorithms[i] as () => void)();
    fire(this, 'abort');
  }
}

export class AbortController {
  readonly #signal = new AbortSignal(OURS);

  get signal(): AbortSignal {
    return this.#signal;
  }

  abort(reason: unknown = undefined): void {
    abort(this.#signal, reason);
  }
}

asInterface(AbortSignal, 'AbortSignal');
asInterface(AbortController, 'AbortController');
