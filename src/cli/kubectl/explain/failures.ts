import type { EndReason } from '../../../api/outcome.ts';

interface Failure {
  /** What happened, without its message. */
  readonly what: string;
  readonly advice?: string;
}

/** How executions fail, and what to do about it. */
const TABLE: Readonly<Record<Exclude<EndReason, 'Completed'>, Failure>> = {
  CompilationError: {
    what: 'Its script does not compile',
    advice: 'copepod validate shows the same error on your machine.',
  },
  RuntimeError: {
    what: 'Its script threw',
    advice: 'kubectl copepod debug runs it on your machine.',
  },
  TimeoutExceeded: {
    what: 'It took longer than its time-out',
    advice: 'Raise spec.limits.timeout, up to that of the runtime.',
  },
  CPUTimeExceeded: {
    what: 'It used more CPU time than it may',
    advice: 'Raise spec.limits.cpuTime, up to that of the runtime.',
  },
  MemoryExceeded: {
    what: 'It used more memory than it may',
    advice: 'Raise spec.limits.memory, up to that of the runtime.',
  },
  APICallsExceeded: {
    what: 'It called host functions and fetch more often than it may',
    advice: 'Raise spec.limits.apiCalls, up to that of the runtime.',
  },
  FetchBytesExceeded: {
    what: 'It sent and received more with fetch than it may',
    advice: 'Raise spec.limits.fetchBytes, up to that of the runtime.',
  },
  ResultTooLarge: {
    what: 'Its result is too large',
    advice: 'Return less, or raise spec.limits.result, up to that of the runtime.',
  },
  LimitsRefused: {
    what: 'It never started',
    advice: 'Lower what the message names, or raise spec.limits of the runtime.',
  },
  TenantRefused: {
    what: 'It never started',
    advice: 'Add the tenant to spec.tenants of the runtime, or use another runtime.',
  },
  EnvNotFound: {
    what: 'A value of its env was missing',
    advice: 'Create what is missing, then: kubectl copepod rerun.',
  },
  SandboxLost: {
    what: 'Its sandbox process was lost',
    advice: 'kubectl copepod rerun, or set spec.backoffLimit for retries.',
  },
  PodLost: { what: 'Its pod was lost', advice: 'kubectl copepod rerun, or set spec.backoffLimit for retries.' },
  Cancelled: { what: 'It was cancelled', advice: 'kubectl copepod rerun starts it again.' },
  DeadlineExceeded: {
    what: 'It did not start in time',
    advice: 'Raise spec.startingDeadlineSeconds, then: kubectl copepod rerun.',
  },
  SourceChanged: { what: 'Its source changed while it waited', advice: 'kubectl copepod rerun reads it anew.' },
};

/** The same, for any reason: a newer operator may have others. */
export const FAILURES: Readonly<Record<string, Failure | undefined>> = TABLE;
