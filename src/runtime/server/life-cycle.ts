/** The states of a pod's process, in their order. */
export type PodState =
  /** No VM has been warm yet. */
  | 'Starting'
  /** Takes runs. */
  | 'Serving'
  /** Takes no new runs; finishes those it has, and keeps outcomes until they are acknowledged. */
  | 'Draining'
  /** Is reached no more; ends its VMs. */
  | 'Stopping'
  | 'Stopped';

const NEXT: Readonly<Record<PodState, readonly PodState[]>> = {
  Starting: ['Serving', 'Draining'],
  Serving: ['Draining'],
  Draining: ['Stopping'],
  Stopping: ['Stopped'],
  Stopped: [],
};

/** Which state the process is in: it never goes back. */
export class LifeCycle {
  readonly #onChange: (state: PodState) => void;
  #state: PodState = 'Starting';

  constructor(onChange: (state: PodState) => void = () => {}) {
    this.#onChange = onChange;
  }

  get state(): PodState {
    return this.#state;
  }

  /** @returns whether it is a step that can be taken from here, and has been */
  enter(state: PodState): boolean {
    if (!NEXT[this.#state].includes(state)) return false;
    this.#state = state;
    this.#onChange(state);
    return true;
  }
}
