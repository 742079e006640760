/** What the server of the dashboard and its page say to each other: JSON, and JSON lines of streams. */

export type Kind = 'executions' | 'runtimes' | 'schedules' | 'endpoints';
export const KINDS: readonly Kind[] = ['executions', 'runtimes', 'schedules', 'endpoints'];

/** What every row of a list has. */
interface Row {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  /** `metadata.resourceVersion`: another one is another state of the object. */
  readonly version: string;
  /** RFC 3339. */
  readonly created: string;
}

export interface ExecutionRow extends Row {
  readonly kind: 'executions';
  readonly runtime: string;
  readonly tenant: string;
  readonly state: 'running' | 'waiting' | 'suspended' | 'succeeded' | 'failed';
  readonly reason: string;
  /** When it was claimed, has begun to wait, or ended; RFC 3339. */
  readonly since: string;
  /** The beginning of its error's message, if it failed. */
  readonly error?: string;
  readonly wallMs?: number;
  /** Name of the schedule that started it. */
  readonly schedule?: string;
}

export interface RuntimeRow extends Row {
  readonly kind: 'runtimes';
  readonly ready: number;
  /** Pods that it is to have. */
  readonly replicas: number;
  /** VMs that run a script, and how many can at once. */
  readonly busy: number;
  readonly slots: number;
  readonly pending: number;
  readonly total: number;
  readonly failed: number;
  readonly state: string;
  readonly isWell: boolean;
}

export interface ScheduleRow extends Row {
  readonly kind: 'schedules';
  readonly schedule: string;
  readonly timeZone: string;
  readonly isSuspended: boolean;
  readonly active: number;
  readonly last?: string;
  readonly next?: string;
  readonly state: string;
  readonly isWell: boolean;
}

export interface EndpointRow extends Row {
  readonly kind: 'endpoints';
  readonly url: string;
  readonly runtime: string;
  readonly auth: string;
  readonly state: string;
  readonly isWell: boolean;
}

export interface Rows {
  readonly executions: ExecutionRow;
  readonly runtimes: RuntimeRow;
  readonly schedules: ScheduleRow;
  readonly endpoints: EndpointRow;
}

export type AnyRow = Rows[Kind];

/** A line of `GET /api/events`. */
export type EventMessage =
  /** Before each list. `now` is the cluster's clock, in milliseconds since the epoch. */
  | { readonly type: 'hello'; readonly now: number }
  /** A part of the list of a kind; the first part replaces what was there, and the last completes it. */
  | {
      readonly type: 'list';
      readonly kind: Kind;
      readonly rows: readonly AnyRow[];
      readonly isFirst: boolean;
      readonly isLast: boolean;
    }
  /** An object is new or has changed. */
  | { readonly type: 'set'; readonly row: AnyRow }
  | { readonly type: 'delete'; readonly kind: Kind; readonly uid: string }
  /** A kind cannot be read at the moment; it is tried again. */
  | { readonly type: 'failed'; readonly kind: Kind; readonly error: Failure }
  /** Nothing has happened for a while. */
  | { readonly type: 'ping' };

/** The JSON of an answer that is no success. */
export interface Failure {
  /** Whether the dashboard or the API server refuses. */
  readonly from: 'dashboard' | 'cluster';
  /** HTTP status; 0: no answer arrived. */
  readonly code: number;
  /** As in metav1.Status: `Forbidden`, `NotFound`. */
  readonly reason: string;
  readonly message: string;
  /** How viewers sign in, as in the session. An answer has it, a failure in a stream of events does not. */
  readonly auth?: Session['auth'];
}

/** `GET /api/session`. */
export interface Session {
  readonly version: string;
  /** `host:port` of the API server. */
  readonly cluster: string;
  /** Name of the viewer, if the API server tells. */
  readonly user?: string;
  /** The namespace to begin with; empty: all. */
  readonly namespace: string;
  readonly auth: 'Kubeconfig' | 'Bearer';
}

/** `GET /api/access`: what the viewer may do in a namespace. */
export interface Access {
  readonly changeExecutions: boolean;
  readonly changeSchedules: boolean;
}

export const ACTIONS = ['cancel', 'rerun', 'suspend', 'resume'] as const;
export type Action = (typeof ACTIONS)[number];

/** `POST /api/actions`. */
export interface ActionRequest {
  readonly action: Action;
  readonly kind: 'executions' | 'schedules';
  readonly namespace: string;
  readonly name: string;
  /** Another object of the name is a conflict. */
  readonly uid: string;
}

/** `GET /api/sources/KIND/NAMESPACE/NAME`: the script and the files that it may import. */
export interface SourceAnswer {
  readonly script: { readonly name?: string; readonly text: string };
  readonly files: Readonly<Record<string, string>>;
  /** The ConfigMaps have changed since the run read them. */
  readonly isChanged: boolean;
}

/** A line of `GET /api/logs/NAMESPACE/NAME`: a log line of the run, or why there are none while it runs. */
export type LogMessage =
  | { readonly time: string; readonly level: 'debug' | 'info' | 'warn' | 'error'; readonly message: string }
  | { readonly forbidden: true };
