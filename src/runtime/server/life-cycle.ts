/** The states of a pod's process, in order. */
export type PodState =
  /** No VM has been warm yet. */
  | 'Starting'
  /** Accepts runs. */
  | 'Serving'
  /** Refuses new runs; finishes active ones, and keeps outcomes until they are acknowledged. */
  | 'Draining'
  /** No longer accepts connections; stops its VMs. */
  | 'Stopping'
  | 'Stopped';

const NEXT: Readonly<Record<PodState, readonly PodState[]>> = {
  Starting: ['Serving', 'Draining'],
  Serving: ['Draining'],
  Draining: ['Stopping'],
  Stopping: ['Stopped'],
  Stopped: [],
};

/** The state of the process: it only advances. */
export class LifeCycle {
  readonly #onChange: (state: PodState) => void;
  #state: PodState = 'Starting';

  constructor(onChange: (state: PodState) => void = () => {}) {
    this.#onChange = onChange;
  }

  get state(): PodState {
    return this.#state;
  }

  /** @returns whether the transition is allowed, and was made */
  enter(state: PodState): boolean {
    if (!NEXT[this.#state].includes(state)) return false;
    this.#state = state;
    this.#onChange(state);
    return true;
  }
}
