import type fc from 'fast-check';

/** Something that reads what others send. */
export interface Target<T> {
  readonly name: string;
  /** What it reads, for the list of targets. */
  readonly title: string;
  readonly input: fc.Arbitrary<T>;
  /** Has an input read. Throws, or rejects, where it is read otherwise than it may be: this is a finding. */
  run(input: T): void | Promise<void>;
  close?(): void;
}

/** Fails a case. */
export function check(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(what);
}
