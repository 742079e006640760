/** The classes of error a script's author sees in `status.error.type`. */
export type ErrorType = 'CompilationError' | 'RuntimeError' | 'TimeoutError' | 'ResourceError' | 'InternalError';

/** What a reason says of the condition `Succeeded`, of the error that goes with it, and of a retry. */
export interface ReasonRule {
  /** Status of the condition `Succeeded`: `Unknown` while the execution can still move. */
  readonly succeeded: 'True' | 'False' | 'Unknown';
  /** Class of the error that comes with this reason; null where there is none. */
  readonly errorType: ErrorType | null;
  /** Whether the same script may fare better next time. */
  readonly retryable: boolean;
}

/** Every reason the condition `Succeeded` can carry: the one table that classifies outcomes. */
export const REASONS = {
  Completed: { succeeded: 'True', errorType: null, retryable: false },

  CompilationError: { succeeded: 'False', errorType: 'CompilationError', retryable: false },
  RuntimeError: { succeeded: 'False', errorType: 'RuntimeError', retryable: false },
  TimeoutExceeded: { succeeded: 'False', errorType: 'TimeoutError', retryable: true },
  CPUTimeExceeded: { succeeded: 'False', errorType: 'TimeoutError', retryable: true },
  MemoryExceeded: { succeeded: 'False', errorType: 'ResourceError', retryable: false },
  APICallsExceeded: { succeeded: 'False', errorType: 'ResourceError', retryable: false },
  ResultTooLarge: { succeeded: 'False', errorType: 'ResourceError', retryable: false },
  LimitsRefused: { succeeded: 'False', errorType: 'ResourceError', retryable: false },
  TenantRefused: { succeeded: 'False', errorType: 'ResourceError', retryable: false },
  SandboxLost: { succeeded: 'False', errorType: 'InternalError', retryable: true },
  PodLost: { succeeded: 'False', errorType: 'InternalError', retryable: true },
  Cancelled: { succeeded: 'False', errorType: null, retryable: false },
  DeadlineExceeded: { succeeded: 'False', errorType: null, retryable: false },
  SourceChanged: { succeeded: 'False', errorType: null, retryable: false },

  Pending: { succeeded: 'Unknown', errorType: null, retryable: false },
  RuntimeNotFound: { succeeded: 'Unknown', errorType: null, retryable: false },
  RuntimeNotReady: { succeeded: 'Unknown', errorType: null, retryable: false },
  SourceNotFound: { succeeded: 'Unknown', errorType: null, retryable: false },
  Suspended: { succeeded: 'Unknown', errorType: null, retryable: false },
  Running: { succeeded: 'Unknown', errorType: null, retryable: false },
} as const satisfies Record<string, ReasonRule>;

/** A reason of the condition `Succeeded`. */
export type Reason = keyof typeof REASONS;

/** The reasons an engine can end an execution with. */
export type EndReason = {
  [R in Reason]: (typeof REASONS)[R]['succeeded'] extends 'Unknown' ? never : R;
}[Reason];
