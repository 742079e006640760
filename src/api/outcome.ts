/** The error classes of `status.error.type`. */
export type ErrorType = 'CompilationError' | 'RuntimeError' | 'TimeoutError' | 'ResourceError' | 'InternalError';

/** The condition status, error class and retry rule of a reason. */
export interface ReasonRule {
  /** Status of the condition `Succeeded`; `Unknown` before the execution finishes. */
  readonly succeeded: 'True' | 'False' | 'Unknown';
  /** Class of the error with this reason; null if there is no error. */
  readonly errorType: ErrorType | null;
  /** Whether another attempt may have another result. */
  readonly retryable: boolean;
}

/** Every reason of the condition `Succeeded`: the only table that classifies outcomes. */
export const REASONS = {
  Completed: { succeeded: 'True', errorType: null, retryable: false },

  CompilationError: { succeeded: 'False', errorType: 'CompilationError', retryable: false },
  RuntimeError: { succeeded: 'False', errorType: 'RuntimeError', retryable: false },
  TimeoutExceeded: { succeeded: 'False', errorType: 'TimeoutError', retryable: true },
  CPUTimeExceeded: { succeeded: 'False', errorType: 'TimeoutError', retryable: true },
  MemoryExceeded: { succeeded: 'False', errorType: 'ResourceError', retryable: false },
  APICallsExceeded: { succeeded: 'False', errorType: 'ResourceError', retryable: false },
  FetchBytesExceeded: { succeeded: 'False', errorType: 'ResourceError', retryable: false },
  ResultTooLarge: { succeeded: 'False', errorType: 'ResourceError', retryable: false },
  LimitsRefused: { succeeded: 'False', errorType: 'ResourceError', retryable: false },
  TenantRefused: { succeeded: 'False', errorType: 'ResourceError', retryable: false },
  EnvNotFound: { succeeded: 'False', errorType: 'ResourceError', retryable: true },
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

/** The reasons with which an engine can end an execution. */
export type EndReason = {
  [R in Reason]: (typeof REASONS)[R]['succeeded'] extends 'Unknown' ? never : R;
}[Reason];
