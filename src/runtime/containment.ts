/**
 * Whether sandboxes have to run under a seccomp filter: `Required` starts none without it where the kernel could have one
 * (Linux), `IfAvailable` goes on without.
 */
export type SeccompPolicy = 'Required' | 'IfAvailable';

/** Which lines of defence stand around sandbox processes, beside V8's own. */
export interface Containment {
  /** `Unknown` until the first process has been started. */
  readonly seccomp: 'Active' | 'Inactive' | 'Unknown';
  /** Why the filter is not active. */
  readonly reason?: string;
  /** Node's permission model: no files, processes, workers, network. */
  readonly permissionModel: 'Active';
}

/** Sandboxes can't be contained as they have to be. */
export class ContainmentError extends Error {}

/** What a program says that starts no sandbox because of `seccomp: Required`. */
export function refusal(reason: string): ContainmentError {
  return new ContainmentError(
    `${reason}. Sandboxes start only under a seccomp filter: allow the system call seccomp to this process ` +
      '(container engines and sandboxed kernels such as gVisor may deny it), or go without it by ' +
      'pool.seccomp: IfAvailable (spec.pool.seccomp of a ScriptRuntime)',
  );
}
