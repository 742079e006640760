// Made from crds/ by scripts/generate.ts: do not edit.
// These are objects with their defaults, as an API server returns them: what has a default is always there.
import type { JsonValue } from './json.ts';
import type { ObjectMeta } from './object-meta.ts';

/** A ScriptRuntime is a set of pods that run the scripts of its namespace's executions, each in a contained V8 isolate. */
export interface ScriptRuntime {
  /** Version of the API: copepod.dev/v1alpha1. */
  apiVersion: 'copepod.dev/v1alpha1';
  /** Kind of the object: ScriptRuntime. */
  kind: 'ScriptRuntime';
  metadata: ObjectMeta;
  /** What the runtime should be. */
  spec: ScriptRuntimeSpec;
  /** What the runtime is, as the operator last saw it. */
  status: ScriptRuntimeStatus;
}

/** What the runtime should be. */
export interface ScriptRuntimeSpec {
  /** How many pods run. Leave it out where `kubectl scale`, a HorizontalPodAutoscaler or KEDA sets it, and with `autoscaling`, beside which it means nothing. */
  replicas: number;
  /** Sets the number of pods by how busy they are. Not together with `replicas`. */
  autoscaling?: ScriptRuntimeAutoscaling;
  /** Container image of the pods. Left out: the operator's own. */
  image?: string;
  /** The VMs of each pod. A VM is a process that holds one V8 isolate. */
  pool: ScriptRuntimePool;
  /** The cache of compiled scripts of each pod. */
  cache: ScriptRuntimeCache;
  /** What each execution may use: the default of every execution of this runtime and its ceiling. */
  limits: ScriptRuntimeLimits;
  /**
   * Ids of the tenants admitted (`context.tenant.id` of an execution). Empty: any.
   *
   * Items: Id of a tenant.
   */
  tenants?: string[];
  /** How many executions that succeeded are kept; the oldest are deleted. Left out: all. */
  successfulExecutionsHistoryLimit?: number;
  /** How many executions that did not succeed are kept; the oldest are deleted. Left out: all. */
  failedExecutionsHistoryLimit?: number;
  /** What the runtime's pods need beyond their defaults. A closed list: everything else of a pod belongs to the operator. */
  template?: ScriptRuntimeTemplate;
}

/** Sets the number of pods by how busy they are. Not together with `replicas`. */
export interface ScriptRuntimeAutoscaling {
  /** The fewest pods. With 0 an idle runtime has none, and its next execution waits for one to start. */
  minReplicas: number;
  /** The most pods. */
  maxReplicas: number;
  /** The share of busy VMs to aim for, in percent. */
  targetUtilization: number;
  /** The time that utilization is averaged over. */
  stableWindow: string;
}

/** The VMs of each pod. A VM is a process that holds one V8 isolate. */
export interface ScriptRuntimePool {
  /** How many VMs a pod keeps: how many executions it runs at once. */
  size: number;
  /** The age at which a VM is replaced. */
  maxAge: string;
  /** The number of executions after which a VM is replaced. */
  maxUses: number;
  /** How often an idle VM's health is checked. */
  healthInterval: string;
  /** What tenants never share: with Process, a process that ran one tenant's script never runs another's; with Isolate, tenants follow each other in a process, each in a new isolate, which is faster and weaker. */
  tenantIsolation: 'Process' | 'Isolate';
}

/** The cache of compiled scripts of each pod. */
export interface ScriptRuntimeCache {
  /** Whether compiled scripts are kept. */
  enabled: boolean;
  /** How many scripts are kept; the least recently used go first. */
  size: number;
}

/** What each execution may use: the default of every execution of this runtime and its ceiling. */
export interface ScriptRuntimeLimits {
  /** Memory that the script may make its sandbox process grow by, in bytes: heap, buffers and everything else. Past it the execution ends with MemoryExceeded. */
  memory: number | string;
  /** Processor time that the script may use, across all its awaits. Past it the execution ends with CPUTimeExceeded. */
  cpuTime: string;
  /** Time by the clock that the script may take, from its start on a VM. Past it the execution ends with TimeoutExceeded. */
  timeout: string;
  /** How many calls of host functions the script may make. One more ends the execution with APICallsExceeded. */
  apiCalls: number;
  /** Size that the result may have, in bytes of UTF-8 JSON. A larger one ends the execution with ResultTooLarge. */
  result: number | string;
  /** How much log text `status.logs` keeps, in bytes. The last lines are kept, and logging more is no error. */
  logs: number | string;
}

/** What the runtime's pods need beyond their defaults. A closed list: everything else of a pod belongs to the operator. */
export interface ScriptRuntimeTemplate {
  /** Labels and annotations to put on the pods. */
  metadata?: ScriptRuntimeTemplateMetadata;
  /** Compute resources of the runtime container. Left out: what `pool.size` VMs at `limits.memory` need. */
  resources?: ResourceRequirements;
  /** Labels that a node must have for the pods to run on it. */
  nodeSelector?: Record<string, string>;
  /**
   * Node taints that the pods tolerate.
   *
   * Items: A taint, or a group of taints, that the pods tolerate.
   */
  tolerations?: Toleration[];
  /** Where the pods prefer, or refuse, to run. */
  affinity?: Affinity;
  /**
   * How the pods spread over nodes and zones.
   *
   * Items: How evenly the pods spread over one kind of domain.
   */
  topologySpreadConstraints?: TopologySpreadConstraint[];
  /** RuntimeClass of the pods, such as one that runs gVisor. */
  runtimeClassName?: string;
  /** PriorityClass of the pods. */
  priorityClassName?: string;
  /**
   * Secrets of this namespace to pull the image with.
   *
   * Items: Reference to a Secret of this namespace.
   */
  imagePullSecrets?: LocalObjectReference[];
}

/** Labels and annotations to put on the pods. */
export interface ScriptRuntimeTemplateMetadata {
  /** Labels added to the pods. */
  labels?: Record<string, string>;
  /** Annotations added to the pods. */
  annotations?: Record<string, string>;
}

/** Compute resources of the runtime container. Left out: what `pool.size` VMs at `limits.memory` need. */
export interface ResourceRequirements {
  /** The most that the container may use, by resource name. */
  limits?: Record<string, number | string>;
  /** What is set aside for the container, by resource name. Left out: the same as `limits`. */
  requests?: Record<string, number | string>;
}

/** A taint, or a group of taints, that the pods tolerate. */
export interface Toleration {
  /** Key of the taint. Left out or empty, with the operator Exists: every taint. */
  key?: string;
  /** How the taint is compared: Exists looks at the key alone, Equal at key and value. */
  operator: 'Exists' | 'Equal';
  /** Value of the taint, with the operator Equal. */
  value?: string;
  /** Effect of the taint. Left out: every effect. */
  effect?: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
  /** How long a pod stays on a node that has a NoExecute taint. Left out: for ever. */
  tolerationSeconds?: number;
}

/** Where the pods prefer, or refuse, to run. */
export interface Affinity {
  /** Rules about nodes: core/v1 NodeAffinity, checked when the pods are made. */
  nodeAffinity?: Record<string, JsonValue>;
  /** Pods to run close to: core/v1 PodAffinity, checked when the pods are made. */
  podAffinity?: Record<string, JsonValue>;
  /** Pods to stay away from: core/v1 PodAntiAffinity, checked when the pods are made. */
  podAntiAffinity?: Record<string, JsonValue>;
}

/** How evenly the pods spread over one kind of domain. */
export interface TopologySpreadConstraint {
  /** By how many pods the fullest domain may exceed the emptiest. */
  maxSkew: number;
  /** Label of nodes whose values are the domains, such as topology.kubernetes.io/zone. */
  topologyKey: string;
  /** What happens to a pod that cannot be placed evenly. */
  whenUnsatisfiable: 'DoNotSchedule' | 'ScheduleAnyway';
  /** The pods that are counted. Left out: the runtime's own. */
  labelSelector?: LabelSelector;
  /**
   * Pod labels whose values are added to `labelSelector`, such as pod-template-hash.
   *
   * Items: A label key.
   */
  matchLabelKeys?: string[];
  /** How many domains there must be at least, with DoNotSchedule. */
  minDomains?: number;
  /** Whether nodes that `nodeSelector` and `affinity` leave out are counted. */
  nodeAffinityPolicy?: 'Honor' | 'Ignore';
  /** Whether nodes whose taints the pods do not tolerate are left out of the count. */
  nodeTaintsPolicy?: 'Honor' | 'Ignore';
}

/** The pods that are counted. Left out: the runtime's own. */
export interface LabelSelector {
  /** Labels that a pod must have, with these values. */
  matchLabels?: Record<string, string>;
  /**
   * Further requirements. All of them must hold.
   *
   * Items: A requirement that a pod's labels must meet.
   */
  matchExpressions?: LabelSelectorRequirement[];
}

/** A requirement that a pod's labels must meet. */
export interface LabelSelectorRequirement {
  /** Label key that the requirement is about. */
  key: string;
  /** How the label is compared with `values`. */
  operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  /**
   * Values to compare with: at least one for In and NotIn, none for Exists and DoesNotExist.
   *
   * Items: A label value.
   */
  values?: string[];
}

/** Reference to a Secret of this namespace. */
export interface LocalObjectReference {
  /** Name of the Secret. */
  name: string;
}

/** What the runtime is, as the operator last saw it. */
export interface ScriptRuntimeStatus {
  /** The `metadata.generation` that this status describes; -1 before the operator has seen the object. */
  observedGeneration?: number;
  /** How many pods there are. */
  replicas?: number;
  /** How many pods can run executions now. */
  readyReplicas?: number;
  /** Label selector of the pods, as text, for the scale subresource. */
  selector?: string;
  /**
   * Ready (it can run executions), Reconciling (it is being changed), Stalled (it needs somebody's help) and Saturated (for half a minute executions have waited because every VM is busy, and it gets no more pods by itself). All but Ready are there only while they are so.
   *
   * Items: One aspect of the object's state (metav1.Condition).
   */
  conditions?: Condition[];
  /** Counts of this runtime's executions. Written on change, every 10 seconds at most. */
  executions?: ScriptRuntimeStatusExecutions;
  /** The VMs of all pods together. */
  pool?: ScriptRuntimeStatusPool;
  /** The caches of compiled scripts of all pods together. */
  compilation?: ScriptRuntimeStatusCompilation;
  /** What pods had counted that are gone: the sums above hold it too, so that they never fall. */
  retired?: ScriptRuntimeStatusRetired;
}

/** One aspect of the object's state (metav1.Condition). */
export interface Condition {
  /** Type of the condition, in CamelCase. */
  type: string;
  /** Whether the condition holds. */
  status: 'True' | 'False' | 'Unknown';
  /** The `metadata.generation` that the condition was set for. */
  observedGeneration?: number;
  /** When `status` of this condition last changed. */
  lastTransitionTime: string;
  /** Why the condition holds or does not, as one CamelCase word for programs. */
  reason: string;
  /** What it means, for people. */
  message: string;
}

/** Counts of this runtime's executions. Written on change, every 10 seconds at most. */
export interface ScriptRuntimeStatusExecutions {
  /** Executions that have ended. */
  total?: number;
  /** Executions that succeeded. */
  succeeded?: number;
  /** Executions that failed with anything but a TimeoutError. */
  errors?: number;
  /** Executions that failed with a TimeoutError. */
  timeouts?: number;
  /** Executions that run now. */
  running?: number;
  /** Executions that wait for a VM. */
  pending?: number;
}

/** The VMs of all pods together. */
export interface ScriptRuntimeStatusPool {
  /** VMs that exist. */
  size?: number;
  /** VMs that wait for work. */
  idle?: number;
  /** VMs that run a script. */
  busy?: number;
  /** VMs made since the pods started. */
  created?: number;
  /** VMs ended since the pods started. */
  destroyed?: number;
}

/** The caches of compiled scripts of all pods together. */
export interface ScriptRuntimeStatusCompilation {
  /** Scripts in the caches. */
  size?: number;
  /** Executions whose script was found compiled. */
  hits?: number;
  /** Executions whose script had to be compiled. */
  misses?: number;
}

/** What pods had counted that are gone: the sums above hold it too, so that they never fall. */
export interface ScriptRuntimeStatusRetired {
  /** Executions that had ended. */
  total?: number;
  /** Executions that had succeeded. */
  succeeded?: number;
  /** Executions that had failed with anything but a TimeoutError. */
  errors?: number;
  /** Executions that had failed with a TimeoutError. */
  timeouts?: number;
  /** VMs made. */
  created?: number;
  /** VMs ended. */
  destroyed?: number;
  /** Executions whose script was found compiled. */
  hits?: number;
  /** Executions whose script had to be compiled. */
  misses?: number;
}

/** A ScriptExecution is one run of a script: what to run, and what became of it. */
export interface ScriptExecution {
  /** Version of the API: copepod.dev/v1alpha1. */
  apiVersion: 'copepod.dev/v1alpha1';
  /** Kind of the object: ScriptExecution. */
  kind: 'ScriptExecution';
  metadata: ObjectMeta;
  /** What to run. */
  spec: ScriptExecutionSpec;
  /** What became of it. */
  status: ScriptExecutionStatus;
}

/** What to run. */
export interface ScriptExecutionSpec {
  /** The runtime that runs it. */
  runtimeRef: ScriptRuntimeReference;
  /** Language of the script. The types of a TypeScript one are stripped, not checked. */
  language: 'JavaScript' | 'TypeScript';
  /** The script, at most 256 KiB of UTF-8. Exactly one of `source` and `sourceFrom` is given. */
  source?: string;
  /** Where to read the script from. Exactly one of `source` and `sourceFrom` is given. */
  sourceFrom?: ScriptSourceReference;
  /** What the script sees as `params`: any JSON of at most 256 KiB that nests 100 levels at most; more ends as LimitsRefused. Left out: an empty object. */
  params?: JsonValue;
  /** What the script sees as `context`. It is the author's claim, not a proof of identity; what is left out is filled in. */
  context?: ScriptExecutionContext;
  /** What this execution may use. It can only lower its runtime's limits: one that asks for more is refused (reason LimitsRefused) and never starts. */
  limits?: ScriptExecutionLimits;
  /** How many times a failed run is tried again, where its error is retryable. With 0 a script is started at most once. */
  backoffLimit: number;
  /** Executions of higher priority go first, among those of the same tenant. */
  priority: number;
  /** Whether to hold back the start. It does nothing to a script that runs. */
  suspend: boolean;
  /** Whether to end the run, or the wait for it, for good. */
  cancel: boolean;
  /** How long the start may take, from when the run was asked for, in seconds. Later the execution ends with DeadlineExceeded. Left out: for ever. */
  startingDeadlineSeconds?: number;
  /** After how many seconds a finished execution is deleted. Left out: never. */
  ttlSecondsAfterFinished?: number;
  /** Any text. To change it is to run the script again. */
  rerunToken?: string;
}

/** The runtime that runs it. */
export interface ScriptRuntimeReference {
  /** Name of a ScriptRuntime of this namespace. */
  name: string;
}

/** Where to read the script from. Exactly one of `source` and `sourceFrom` is given. */
export interface ScriptSourceReference {
  /** A key of a ConfigMap of this namespace that has the label `copepod.dev/source: "true"`. It is read when a run starts: a later change runs nothing again. */
  configMapKeyRef: ConfigMapKeyReference;
}

/** A key of a ConfigMap of this namespace that has the label `copepod.dev/source: "true"`. It is read when a run starts: a later change runs nothing again. */
export interface ConfigMapKeyReference {
  /** Name of the ConfigMap. */
  name: string;
  /** Key of its `data` that holds the script. */
  key: string;
}

/** What the script sees as `context`. It is the author's claim, not a proof of identity; what is left out is filled in. */
export interface ScriptExecutionContext {
  /** The tenant that the script runs for. Executions of different tenants never share a VM's state. */
  tenant?: ScriptExecutionContextTenant;
  /** The user that the script runs for. Left out: one with empty id, email and permissions. */
  user?: ScriptExecutionContextUser;
  /** Why the script runs. Its `id` is always the object's uid. */
  execution?: ScriptExecutionContextExecution;
  /** Id of the request that it belongs to, for tracing. Left out: a fresh one. */
  requestID?: string;
}

/** The tenant that the script runs for. Executions of different tenants never share a VM's state. */
export interface ScriptExecutionContextTenant {
  /** Id of the tenant. Left out: the namespace. */
  id?: string;
  /** Name of the tenant. Left out: its id. */
  name?: string;
}

/** The user that the script runs for. Left out: one with empty id, email and permissions. */
export interface ScriptExecutionContextUser {
  /** Id of the user. */
  id?: string;
  /** E-mail address of the user. */
  email?: string;
  /**
   * What the user may do, in the words of whoever reads it.
   *
   * Items: A permission.
   */
  permissions?: string[];
}

/** Why the script runs. Its `id` is always the object's uid. */
export interface ScriptExecutionContextExecution {
  /** Kind of request that started it. Left out: one_off. */
  type?: 'cron' | 'http' | 'one_off' | 'embedded';
  /** Who started it. Left out: user. */
  triggeredBy?: 'user' | 'system' | 'api';
}

/** What this execution may use. It can only lower its runtime's limits: one that asks for more is refused (reason LimitsRefused) and never starts. */
export interface ScriptExecutionLimits {
  /** Memory that the script may make its sandbox process grow by, in bytes: heap, buffers and everything else. Past it the execution ends with MemoryExceeded. Left out: the runtime's limit. */
  memory?: number | string;
  /** Processor time that the script may use, across all its awaits. Past it the execution ends with CPUTimeExceeded. Left out: the runtime's limit. */
  cpuTime?: string;
  /** Time by the clock that the script may take, from its start on a VM. Past it the execution ends with TimeoutExceeded. Left out: the runtime's limit. */
  timeout?: string;
  /** How many calls of host functions the script may make. One more ends the execution with APICallsExceeded. Left out: the runtime's limit. */
  apiCalls?: number;
  /** Size that the result may have, in bytes of UTF-8 JSON. A larger one ends the execution with ResultTooLarge. Left out: the runtime's limit. */
  result?: number | string;
  /** How much log text `status.logs` keeps, in bytes. The last lines are kept, and logging more is no error. Left out: the runtime's limit. */
  logs?: number | string;
}

/** What became of it. */
export interface ScriptExecutionStatus {
  /** The `metadata.generation` that this status describes; -1 before the operator has seen the object. */
  observedGeneration?: number;
  /**
   * Succeeded (True, False, or Unknown while it can still move), and, for tools that read kstatus, Ready, Reconciling and Stalled.
   *
   * Items: One aspect of the object's state (metav1.Condition).
   */
  conditions?: Condition[];
  /** Which run of this object this is, from 1. A change of what is run starts the next. */
  run?: number;
  /** Digest of the fields of `spec` that say what is run, behind the version of their list. */
  runDigest?: string;
  /** SHA-256 of the script that was read from `sourceFrom`, in hexadecimal digits behind the algorithm's name. */
  sourceDigest?: string;
  /** How many times this run has been started. */
  attempts?: number;
  /**
   * The earlier attempts of this run, oldest first: the last five.
   *
   * Items: An attempt that failed and was followed by another.
   */
  attemptHistory?: ExecutionAttempt[];
  /** The pod that this run was handed to. */
  claim?: ExecutionClaim;
  /** When the script started. */
  startTime?: string;
  /** When the run ended. */
  completionTime?: string;
  /** What the script returned: any JSON, null too. Absent where it returned undefined or did not succeed. */
  result?: JsonValue;
  /** Why it failed. */
  error?: ExecutionError;
  /**
   * The last lines that the script logged, within `limits.logs`.
   *
   * Items: A line of the log.
   */
  logs?: ExecutionLogLine[];
  /** What it cost. */
  usage?: ExecutionUsage;
}

/** An attempt that failed and was followed by another. */
export interface ExecutionAttempt {
  /** Which attempt of the run it was, from 1. */
  attempt: number;
  /** Name of the pod that it ran on. */
  podName?: string;
  /** Uid of that pod. */
  podUID?: string;
  /** When the script started. */
  startTime?: string;
  /** When the attempt ended. */
  completionTime?: string;
  /** How it ended: a reason of the condition Succeeded. */
  reason?: string;
  /** Why it failed. */
  error?: ExecutionError;
}

/** Why it failed. */
export interface ExecutionError {
  /** Class of the error. */
  type: 'CompilationError' | 'RuntimeError' | 'TimeoutError' | 'ResourceError' | 'InternalError';
  /** What went wrong. */
  message: string;
  /** Line of the script, from 1. */
  line?: number;
  /** Column of that line, from 1. */
  column?: number;
  /** Whether the same script may fare better next time. */
  retryable: boolean;
}

/** The pod that this run was handed to. */
export interface ExecutionClaim {
  /** Name of the pod. */
  podName: string;
  /** Uid of the pod. */
  podUID: string;
  /** Id of the pod's process: another one has forgotten the run. */
  bootID: string;
  /** Which attempt of the run it is, from 1. */
  attempt: number;
  /** When the run was handed to the pod. */
  claimTime: string;
}

/** A line of the log. */
export interface ExecutionLogLine {
  /** When it was logged. */
  time: string;
  /** Level that it was logged at. */
  level: 'debug' | 'info' | 'warn' | 'error';
  /** The text. */
  message: string;
}

/** What it cost. */
export interface ExecutionUsage {
  /** Processor time, in milliseconds. */
  cpuMilliseconds?: number;
  /** Time by the clock, in milliseconds. */
  wallMilliseconds?: number;
  /** The most heap that the script used, in bytes. */
  peakHeapBytes?: number;
  /** Calls of host functions. */
  apiCalls?: number;
}
