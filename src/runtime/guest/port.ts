/**
 * The only way out of the isolate: one function of the sandbox process. It takes and gives strings; the sandbox process
 * caps and checks what comes, and stops listening when the run is over.
 */
export interface Port {
  (op: 'log', level: string, text: string): void;
  /** Starts a call of a host function; its answer arrives by `Guest.settle`. */
  (op: 'call', name: string, args: string, call: number): void;
  /** The run is over: JSON text of the result, or none for `undefined`. */
  (op: 'value', json: string | undefined): void;
  (op: 'too-large', length: number): void;
  (op: 'thrown', error: string): void;
  /** The script was refused a buffer for which the isolate has no room. */
  (op: 'out-of-memory'): void;
  /** Takes the frames of a stack trace and gives them as the author knows them. */
  (op: 'frames', frames: string): string | undefined;
  /** Loads what formats objects; too big to load for each run. */
  (op: 'inspector'): Inspector | undefined;
}

/** Formats values as Node's console does. */
export interface Inspector {
  format(args: unknown[]): string;
  inspect(value: unknown): string;
  table(data: unknown, columns: unknown): string;
}

/** The port as the sandbox process gives it: it wants to know which context speaks. */
export type RawPort = (serial: number, op: string, a: unknown, b: unknown, c: unknown) => unknown;

/** What the sandbox process calls inside the isolate. */
export interface Guest {
  (op: 'run', program: Program, input: Input): void;
  /** Settles the host call of that number. */
  (op: 'settle', call: number, ok: boolean, value: string): void;
}

/**
 * A compiled script: gives its completion value, or what `callDefault` makes of its default export, or a promise of it.
 * It passes what it throws through `note`.
 */
export type Program = (note: <T>(thrown: T) => T, callDefault: (value: unknown) => unknown) => unknown;

/** What a run gets, as text: JSON of params and of the context, names of host functions with commas between them. */
export type Input = readonly [params: string, context: string, hostFunctions: string, maxResultBytes: number];
