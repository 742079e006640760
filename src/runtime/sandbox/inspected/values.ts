/** What only our own code holds, on either side. */
export class Handle {
  /** The collector of this isolate finds out for itself what is not needed. */
  release(): void {}
}

/** A value of a context that is given back into it as it is. */
export class Dereferenced {
  readonly value: unknown;

  constructor(value: unknown) {
    this.value = value;
  }
}

/** A function of this process that a context can call. */
export class Callback extends Handle {
  readonly call: (...args: unknown[]) => unknown;

  constructor(call: (...args: unknown[]) => unknown) {
    super();
    this.call = call;
  }
}
