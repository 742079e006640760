// Generated from crds/ by scripts/generate.ts: do not edit.
// The types describe objects with defaults, as an API server returns them: a field with a default is required.
import type { JsonValue } from './json.ts';
import type { ObjectMeta } from './object-meta.ts';

/** A ScriptRuntime is a set of pods that run the executions of its namespace, each in a contained V8 isolate. */
export interface ScriptRuntime {
  /** Version of the API: copepod.dev/v1alpha1. */
  apiVersion: 'copepod.dev/v1alpha1';
  /** Kind of the object: ScriptRuntime. */
  kind: 'ScriptRuntime';
  metadata: ObjectMeta;
  /** Desired state of the runtime. */
  spec: ScriptRuntimeSpec;
  /** Observed state of the runtime. */
  status: ScriptRuntimeStatus;
}

/** Desired state of the runtime. */
export interface ScriptRuntimeSpec {
  /** Number of pods. Omit it if `kubectl scale`, a HorizontalPodAutoscaler or KEDA sets it, and with `autoscaling`, which replaces it. */
  replicas: number;
  /** Scales the number of pods by utilization. Cannot be combined with `replicas`. */
  autoscaling?: ScriptRuntimeAutoscaling;
  /** Container image of the pods. Default: the operator's image. */
  image?: string;
  /** VMs of each pod. A VM is a process with one V8 isolate. */
  pool: ScriptRuntimePool;
  /** Cache of compiled scripts, per pod. */
  cache: ScriptRuntimeCache;
  /** Import map of all scripts of this runtime: `import { vat } from '@acme/vat'` imports the file of the specifier `@acme/vat`. The files are read when a run starts, and a later change starts no run. They count as files of the script (at most 1000 with 1 MiB together). */
  imports?: Record<string, ScriptRuntimeImport>;
  /**
   * The global `env` of all scripts of this runtime: `env.NAME` is a string. Of several entries with one name the last one wins that is for the execution's tenant and has a value; the execution's own `env` is laid over it. Values of Secrets and ConfigMaps are mounted into the pods by the kubelet: a changed value is seen by the next execution, within about a minute and without a restart, and starts no run. Executions wait while a value that they need is missing, and the condition EnvMissing names it. Values of Secrets are redacted from results, errors and logs.
   *
   * Items: A variable.
   */
  env?: ScriptRuntimeEnv[];
  /**
   * What scripts may reach with `fetch`. A request needs a rule that allows it, the first such rule applies, and each redirect is a request of its own. Empty: nothing.
   *
   * Items: Allows requests to some hosts.
   */
  egress?: EgressRule[];
  /**
   * Objects of host functions that scripts call, made from MCP servers and OpenAPI documents: `await tickets.search({ q: 'printer' })`. All their requests are judged by `egress`, whose rules also add credentials; each call counts as one of `limits.apiCalls`. Where a tool cannot be loaded, its calls fail, and the condition ToolsUnavailable says why.
   *
   * Items: An object of host functions.
   */
  tools?: ScriptRuntimeTools[];
  /** Limits of each execution: the default and the maximum for all executions of this runtime. */
  limits: ScriptRuntimeLimits;
  /**
   * Ids of the admitted tenants (`context.tenant.id` of an execution). Empty: all.
   *
   * Items: Id of a tenant.
   */
  tenants?: string[];
  /** Number of succeeded executions to keep; the oldest are deleted. Default: all. */
  successfulExecutionsHistoryLimit?: number;
  /** Number of failed executions to keep; the oldest are deleted. Default: all. */
  failedExecutionsHistoryLimit?: number;
  /** Settings of the pods beyond their defaults. The list is closed: the operator manages all other fields of a pod. */
  template?: ScriptRuntimeTemplate;
}

/** Scales the number of pods by utilization. Cannot be combined with `replicas`. */
export interface ScriptRuntimeAutoscaling {
  /** Minimum number of pods. With 0 an idle runtime has no pods, and its next execution waits for a pod to start. */
  minReplicas: number;
  /** Maximum number of pods. */
  maxReplicas: number;
  /** Target share of busy VMs, in percent. */
  targetUtilization: number;
  /** Window over which utilization is averaged. */
  stableWindow: string;
}

/** VMs of each pod. A VM is a process with one V8 isolate. */
export interface ScriptRuntimePool {
  /** Number of VMs per pod, which is the number of concurrent executions. */
  size: number;
  /** Memory that idle VMs beyond `size` hold together at most, in bytes: with tenantIsolation Process, a tenant that comes again finds its VM as long as this lasts. A VM holds 3 MiB to 50 MiB; the one idle for the longest ends first. A container with a lower memory limit than the default gives them less. */
  idleMemory: number | string;
  /** Age at which a VM is replaced. */
  maxAge: string;
  /** Number of executions after which a VM is replaced. */
  maxUses: number;
  /** Interval of health checks of idle VMs. */
  healthInterval: string;
  /** Isolation between tenants. Process: a process that has run a script of one tenant never runs a script of another. Execution: each execution has a process of its own. Isolate: tenants may use the same process one after the other, each in a new isolate, which is faster and weaker. */
  tenantIsolation: 'Process' | 'Isolate' | 'Execution';
  /** Whether sandbox processes need a seccomp filter. Under it, a process has its own memory and its own socket only. Required: no sandbox starts where the kernel refuses the filter. IfAvailable: sandboxes then start without it. */
  seccomp: 'Required' | 'IfAvailable';
}

/** Cache of compiled scripts, per pod. */
export interface ScriptRuntimeCache {
  /** Whether compiled scripts are cached. */
  enabled: boolean;
  /** Maximum number of cached scripts; the least recently used are evicted first. */
  size: number;
}

/** The file that a specifier stands for. */
export interface ScriptRuntimeImport {
  /** A key of a ConfigMap in this namespace with the label `copepod.dev/source: "true"`. The ending of the key decides how it is read: `.ts`, `.mts` and `.cts` are TypeScript, `.json` is JSON. */
  configMapKeyRef: ConfigMapFileReference;
}

/** A key of a ConfigMap in this namespace with the label `copepod.dev/source: "true"`. The ending of the key decides how it is read: `.ts`, `.mts` and `.cts` are TypeScript, `.json` is JSON. */
export interface ConfigMapFileReference {
  /** Name of the ConfigMap. */
  name: string;
  /** Key in its `data` that contains the file. */
  key: string;
}

/** A variable. */
export interface ScriptRuntimeEnv {
  /** Name of the variable. */
  name: string;
  /** Its value, visible to everybody who can read the runtime. It is no secret, and is not redacted. Default: an empty string. */
  value?: string;
  /** Where its value comes from. */
  valueFrom?: EnvVarSource;
  /**
   * Ids of the tenants whose executions get the variable (`context.tenant.id`, which is the author's claim). Empty: all.
   *
   * Items: Id of a tenant.
   */
  tenants?: string[];
}

/** Where its value comes from. */
export interface EnvVarSource {
  /** A key of a ConfigMap in this namespace. */
  configMapKeyRef?: ConfigMapKeySelector;
  /** A key of a Secret in this namespace. The operator has no right to read it: the pods get it from the kubelet. */
  secretKeyRef?: SecretKeySelector;
}

/** A key of a ConfigMap in this namespace. */
export interface ConfigMapKeySelector {
  /** Name of the ConfigMap. */
  name: string;
  /** Key with the value, as UTF-8 text. */
  key: string;
  /** Whether executions run without the variable where the ConfigMap or the key does not exist. Default: they wait for it. */
  optional?: boolean;
}

/** A key of a Secret in this namespace. The operator has no right to read it: the pods get it from the kubelet. */
export interface SecretKeySelector {
  /** Name of the Secret. */
  name: string;
  /** Key with the value, as UTF-8 text. */
  key: string;
  /** Whether executions run without the variable where the Secret or the key does not exist. Default: they wait for it. */
  optional?: boolean;
}

/** Allows requests to some hosts. */
export interface EgressRule {
  /** Name of the rule in metrics and in the audit log. Default: its first host. */
  name?: string;
  /**
   * Hosts: a name (`api.example.com`), all names below one (`*.example.org`), any host with a public address (`*`), an IP address, or a CIDR (`10.0.0.0/8`). A host whose address is private, loopback, link-local, multicast, of a metadata service or of the cluster needs a rule that also contains this address, as IP or CIDR.
   *
   * Items: A host name, a wildcard, an IP address or a CIDR; lower case, without port.
   */
  hosts: string[];
  /** Propagate: requests of an execution that is traced have a `traceparent` header of its trace, in place of the script's own. None: the server learns nothing of the trace. Default: None. */
  traceContext?: 'None' | 'Propagate';
  /**
   * URL schemes. Without TLS, everyone on the way reads a request and its headers.
   *
   * Items: A URL scheme.
   */
  schemes: ('https' | 'http')[];
  /**
   * Ports. Default: 443 for https, 80 for http.
   *
   * Items: A port.
   */
  ports?: number[];
  /**
   * HTTP methods. Empty: all that `fetch` has.
   *
   * Items: An HTTP method, in upper case.
   */
  methods?: string[];
  /**
   * Paths, as they are in the URL (percent-encoded). `*` stands for any characters, also for `/`. Empty: all.
   *
   * Items: A path that starts with `/`.
   */
  paths?: string[];
  /**
   * Ids of the tenants that the rule is for (`context.tenant.id` of an execution). Empty: all.
   *
   * Items: Id of a tenant.
   */
  tenants?: string[];
  /**
   * Names of entries of `spec.tools` whose requests alone the rule is for: `fetch` does not reach what only such rules allow. Empty: `fetch` and all tools.
   *
   * Items: Name of an entry of `spec.tools`.
   */
  tools?: string[];
  /**
   * Headers added to each request of the rule, in place of those that the script gives them. Scripts do not see them.
   *
   * Items: A header.
   */
  headers?: EgressHeader[];
}

/** A header. */
export interface EgressHeader {
  /** Name of the header. */
  name: string;
  /** The value, which every reader of the object sees. */
  value?: string;
  /** Source of the value. */
  valueFrom?: EgressHeaderSource;
}

/** Source of the value. */
export interface EgressHeaderSource {
  /** Text in front of the value, such as `Bearer ` with its space. */
  prefix?: string;
  /** A key of a Secret in this namespace. A change of the Secret takes effect without a restart, once the kubelet has updated its file. */
  secretKeyRef: SecretKeyReference;
}

/** A key of a Secret in this namespace. A change of the Secret takes effect without a restart, once the kubelet has updated its file. */
export interface SecretKeyReference {
  /** Name of the Secret. */
  name: string;
  /** Key in the Secret. */
  key: string;
}

/** An object of host functions. */
export interface ScriptRuntimeTools {
  /** Name of the global object in scripts. Host functions of the image with the same name come before it. */
  name: string;
  /** Each tool of an MCP server is a function. */
  mcp?: ScriptRuntimeToolsMcp;
  /** Each operation of an OpenAPI document (3.0 or later; JSON or YAML, at most 8 MiB) is a function. */
  openAPI?: ScriptRuntimeToolsOpenAPI;
  /**
   * Names of the functions that scripts get, as scripts call them; `*` stands for any characters. Empty: all, at most 500.
   *
   * Items: Name of a function, or a pattern.
   */
  functions?: string[];
  /**
   * Ids of the tenants whose scripts get the tool (`context.tenant.id` of an execution). Empty: all.
   *
   * Items: Id of a tenant.
   */
  tenants?: string[];
}

/** Each tool of an MCP server is a function. */
export interface ScriptRuntimeToolsMcp {
  /** The server's URL, for Streamable HTTP. A rule of `egress` must allow it. */
  url: string;
}

/** Each operation of an OpenAPI document (3.0 or later; JSON or YAML, at most 8 MiB) is a function. */
export interface ScriptRuntimeToolsOpenAPI {
  /** URL of the document. A rule of `egress` must allow it. */
  url?: string;
  /** A key of a ConfigMap in this namespace with the document, which the kubelet mounts into the pods: a change is seen within about a minute and without a restart. */
  configMapKeyRef?: ScriptRuntimeToolsOpenAPIConfigMapKeyRef;
  /** URL in front of the paths. Default: the first of the document's `servers`. A rule of `egress` must allow the requests. */
  baseURL?: string;
}

/** A key of a ConfigMap in this namespace with the document, which the kubelet mounts into the pods: a change is seen within about a minute and without a restart. */
export interface ScriptRuntimeToolsOpenAPIConfigMapKeyRef {
  /** Name of the ConfigMap. */
  name: string;
  /** Key in its `data` that contains the document. */
  key: string;
}

/** Limits of each execution: the default and the maximum for all executions of this runtime. */
export interface ScriptRuntimeLimits {
  /** Maximum growth of the sandbox process's memory, in bytes: heap, buffers and everything else. Exceeding it ends the execution with MemoryExceeded. */
  memory: number | string;
  /** Maximum CPU time of the script, including asynchronous parts. Exceeding it ends the execution with CPUTimeExceeded. */
  cpuTime: string;
  /** Maximum wall time of the script, from its start on a VM. Exceeding it ends the execution with TimeoutExceeded. */
  timeout: string;
  /** Maximum number of calls of host functions and of `fetch`. Exceeding it ends the execution with APICallsExceeded. */
  apiCalls: number;
  /** Maximum size of what an execution sends and receives with `fetch`: the bodies of all requests and responses, decompressed, in bytes. Exceeding it ends the execution with FetchBytesExceeded. */
  fetchBytes: number | string;
  /** Maximum size of the result, in bytes of UTF-8 JSON. Exceeding it ends the execution with ResultTooLarge. */
  result: number | string;
  /** Maximum size of `status.logs`, in bytes. The last lines are kept; logging more is not an error. */
  logs: number | string;
}

/** Settings of the pods beyond their defaults. The list is closed: the operator manages all other fields of a pod. */
export interface ScriptRuntimeTemplate {
  /** Labels and annotations added to the pods. */
  metadata?: ScriptRuntimeTemplateMetadata;
  /** Compute resources of the runtime container. Default: enough for `pool.size` VMs at `limits.memory`, and `pool.idleMemory`. */
  resources?: ResourceRequirements;
  /** Labels that a node must have to run the pods. */
  nodeSelector?: Record<string, string>;
  /**
   * Node taints that the pods tolerate.
   *
   * Items: A taint, or group of taints, that the pods tolerate.
   */
  tolerations?: Toleration[];
  /** Scheduling constraints of the pods. */
  affinity?: Affinity;
  /**
   * How the pods are spread over nodes and zones.
   *
   * Items: How evenly the pods are spread over one kind of domain.
   */
  topologySpreadConstraints?: TopologySpreadConstraint[];
  /** RuntimeClass of the pods, such as one that runs gVisor. */
  runtimeClassName?: string;
  /** PriorityClass of the pods. */
  priorityClassName?: string;
  /**
   * Secrets in this namespace for pulling the image.
   *
   * Items: Reference to a Secret in this namespace.
   */
  imagePullSecrets?: LocalObjectReference[];
}

/** Labels and annotations added to the pods. */
export interface ScriptRuntimeTemplateMetadata {
  /** Labels added to the pods. */
  labels?: Record<string, string>;
  /** Annotations added to the pods. */
  annotations?: Record<string, string>;
}

/** Compute resources of the runtime container. Default: enough for `pool.size` VMs at `limits.memory`, and `pool.idleMemory`. */
export interface ResourceRequirements {
  /** Resource limits of the container, by resource name. */
  limits?: Record<string, number | string>;
  /** Resource requests of the container, by resource name. Default: the same as `limits`. */
  requests?: Record<string, number | string>;
}

/** A taint, or group of taints, that the pods tolerate. */
export interface Toleration {
  /** Key of the taint. Empty with the operator Exists: every taint. */
  key?: string;
  /** Comparison of the taint: Exists compares the key only, Equal the key and the value. */
  operator: 'Exists' | 'Equal';
  /** Value of the taint, with the operator Equal. */
  value?: string;
  /** Effect of the taint. Default: every effect. */
  effect?: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
  /** How long a pod stays on a node with a NoExecute taint, in seconds. Default: unlimited. */
  tolerationSeconds?: number;
}

/** Scheduling constraints of the pods. */
export interface Affinity {
  /** Node affinity: core/v1 NodeAffinity, validated when the pods are created. */
  nodeAffinity?: ScriptRuntimeTemplateAffinityNodeAffinity;
  /** Pod affinity: core/v1 PodAffinity, validated when the pods are created. */
  podAffinity?: ScriptRuntimeTemplateAffinityPodAffinity;
  /** Pod anti-affinity: core/v1 PodAntiAffinity, validated when the pods are created. */
  podAntiAffinity?: ScriptRuntimeTemplateAffinityPodAntiAffinity;
}

/** Node affinity: core/v1 NodeAffinity, validated when the pods are created. */
export interface ScriptRuntimeTemplateAffinityNodeAffinity {
  /** Requirements that a node must meet, a core/v1 NodeSelector. */
  requiredDuringSchedulingIgnoredDuringExecution?: ScriptRuntimeTemplateAffinityNodeAffinityRequiredDuringSchedulingIgnoredDuringExecution;
  /**
   * Requirements that a node is preferred for, with their weights.
   *
   * Items: A core/v1 PreferredSchedulingTerm.
   */
  preferredDuringSchedulingIgnoredDuringExecution?: Record<string, JsonValue>[];
}

/** Requirements that a node must meet, a core/v1 NodeSelector. */
export interface ScriptRuntimeTemplateAffinityNodeAffinityRequiredDuringSchedulingIgnoredDuringExecution {
  /**
   * Alternatives, of which one must hold.
   *
   * Items: Requirements that must all hold.
   */
  nodeSelectorTerms: Record<string, JsonValue>[];
}

/** Pod affinity: core/v1 PodAffinity, validated when the pods are created. */
export interface ScriptRuntimeTemplateAffinityPodAffinity {
  /**
   * Terms that must hold for a pod to be scheduled.
   *
   * Items: Pods to be close to, and the kind of domain.
   */
  requiredDuringSchedulingIgnoredDuringExecution?: ScriptRuntimeTemplateAffinityPodAffinityRequiredDuringSchedulingIgnoredDuringExecution[];
  /**
   * Terms that a node is preferred for, with their weights.
   *
   * Items: A term and its weight.
   */
  preferredDuringSchedulingIgnoredDuringExecution?: ScriptRuntimeTemplateAffinityPodAffinityPreferredDuringSchedulingIgnoredDuringExecution[];
}

/** Pods to be close to, and the kind of domain. */
export interface ScriptRuntimeTemplateAffinityPodAffinityRequiredDuringSchedulingIgnoredDuringExecution {
  /** Node label whose values are the domains. */
  topologyKey: string;
  /** The pods that the term is about. */
  labelSelector?: ScriptRuntimeTemplateAffinityPodAffinityRequiredDuringSchedulingIgnoredDuringExecutionLabelSelector;
}

/** The pods that the term is about. */
export interface ScriptRuntimeTemplateAffinityPodAffinityRequiredDuringSchedulingIgnoredDuringExecutionLabelSelector {
  /** Labels that a pod must have, with these values. */
  matchLabels?: Record<string, string>;
}

/** A term and its weight. */
export interface ScriptRuntimeTemplateAffinityPodAffinityPreferredDuringSchedulingIgnoredDuringExecution {
  /** Weight of the term among the others. */
  weight: number;
  /** Pods to be close to, and the kind of domain. */
  podAffinityTerm: ScriptRuntimeTemplateAffinityPodAffinityPreferredDuringSchedulingIgnoredDuringExecutionPodAffinityTerm;
}

/** Pods to be close to, and the kind of domain. */
export interface ScriptRuntimeTemplateAffinityPodAffinityPreferredDuringSchedulingIgnoredDuringExecutionPodAffinityTerm {
  /** Node label whose values are the domains. */
  topologyKey: string;
  /** The pods that the term is about. */
  labelSelector?: ScriptRuntimeTemplateAffinityPodAffinityPreferredDuringSchedulingIgnoredDuringExecutionPodAffinityTermLabelSelector;
}

/** The pods that the term is about. */
export interface ScriptRuntimeTemplateAffinityPodAffinityPreferredDuringSchedulingIgnoredDuringExecutionPodAffinityTermLabelSelector {
  /** Labels that a pod must have, with these values. */
  matchLabels?: Record<string, string>;
}

/** Pod anti-affinity: core/v1 PodAntiAffinity, validated when the pods are created. */
export interface ScriptRuntimeTemplateAffinityPodAntiAffinity {
  /**
   * Terms that must hold for a pod to be scheduled.
   *
   * Items: Pods to be away from, and the kind of domain.
   */
  requiredDuringSchedulingIgnoredDuringExecution?: ScriptRuntimeTemplateAffinityPodAntiAffinityRequiredDuringSchedulingIgnoredDuringExecution[];
  /**
   * Terms that a node is preferred for, with their weights.
   *
   * Items: A term and its weight.
   */
  preferredDuringSchedulingIgnoredDuringExecution?: ScriptRuntimeTemplateAffinityPodAntiAffinityPreferredDuringSchedulingIgnoredDuringExecution[];
}

/** Pods to be away from, and the kind of domain. */
export interface ScriptRuntimeTemplateAffinityPodAntiAffinityRequiredDuringSchedulingIgnoredDuringExecution {
  /** Node label whose values are the domains. */
  topologyKey: string;
  /** The pods that the term is about. */
  labelSelector?: ScriptRuntimeTemplateAffinityPodAntiAffinityRequiredDuringSchedulingIgnoredDuringExecutionLabelSelector;
}

/** The pods that the term is about. */
export interface ScriptRuntimeTemplateAffinityPodAntiAffinityRequiredDuringSchedulingIgnoredDuringExecutionLabelSelector {
  /** Labels that a pod must have, with these values. */
  matchLabels?: Record<string, string>;
}

/** A term and its weight. */
export interface ScriptRuntimeTemplateAffinityPodAntiAffinityPreferredDuringSchedulingIgnoredDuringExecution {
  /** Weight of the term among the others. */
  weight: number;
  /** Pods to be away from, and the kind of domain. */
  podAffinityTerm: ScriptRuntimeTemplateAffinityPodAntiAffinityPreferredDuringSchedulingIgnoredDuringExecutionPodAffinityTerm;
}

/** Pods to be away from, and the kind of domain. */
export interface ScriptRuntimeTemplateAffinityPodAntiAffinityPreferredDuringSchedulingIgnoredDuringExecutionPodAffinityTerm {
  /** Node label whose values are the domains. */
  topologyKey: string;
  /** The pods that the term is about. */
  labelSelector?: ScriptRuntimeTemplateAffinityPodAntiAffinityPreferredDuringSchedulingIgnoredDuringExecutionPodAffinityTermLabelSelector;
}

/** The pods that the term is about. */
export interface ScriptRuntimeTemplateAffinityPodAntiAffinityPreferredDuringSchedulingIgnoredDuringExecutionPodAffinityTermLabelSelector {
  /** Labels that a pod must have, with these values. */
  matchLabels?: Record<string, string>;
}

/** How evenly the pods are spread over one kind of domain. */
export interface TopologySpreadConstraint {
  /** Maximum difference in the number of pods between two domains. */
  maxSkew: number;
  /** Node label whose values are the domains, such as topology.kubernetes.io/zone. */
  topologyKey: string;
  /** What happens to a pod that cannot be placed evenly. */
  whenUnsatisfiable: 'DoNotSchedule' | 'ScheduleAnyway';
  /** The pods that are counted. Default: the runtime's own. */
  labelSelector?: LabelSelector;
  /**
   * Pod labels whose values are added to `labelSelector`, such as pod-template-hash.
   *
   * Items: A label key.
   */
  matchLabelKeys?: string[];
  /** Minimum number of domains, with DoNotSchedule. */
  minDomains?: number;
  /** Whether nodes excluded by `nodeSelector` and `affinity` are counted. */
  nodeAffinityPolicy?: 'Honor' | 'Ignore';
  /** Whether nodes with taints that the pods do not tolerate are excluded from the count. */
  nodeTaintsPolicy?: 'Honor' | 'Ignore';
}

/** The pods that are counted. Default: the runtime's own. */
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
  /** Key of the label. */
  key: string;
  /** Comparison of the label with `values`. */
  operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  /**
   * Values to compare with: at least one for In and NotIn, none for Exists and DoesNotExist.
   *
   * Items: A label value.
   */
  values?: string[];
}

/** Reference to a Secret in this namespace. */
export interface LocalObjectReference {
  /** Name of the Secret. */
  name: string;
}

/** Observed state of the runtime. */
export interface ScriptRuntimeStatus {
  /** The `metadata.generation` that this status describes; -1 before the operator has observed the object. */
  observedGeneration?: number;
  /** Number of pods. */
  replicas?: number;
  /** Number of pods that accept executions. */
  readyReplicas?: number;
  /** Label selector of the pods as a string, for the scale subresource. */
  selector?: string;
  /**
   * Ready (it can run executions), Reconciling (a change is in progress), Stalled (it needs intervention), Saturated (executions have waited for half a minute because every VM is busy, and no more pods will be added), SeccompInactive (sandboxes run without a seccomp filter), EnvMissing (values of `env` that are not optional, or of headers in `egress`, do not exist) and ToolsUnavailable (entries of `tools` cannot be loaded). All except Ready are present only while True.
   *
   * Items: One aspect of the object's state (metav1.Condition).
   */
  conditions?: Condition[];
  /** Which lines of containment hold around the sandbox processes of all pods: a line is active if it is in every pod that has reported it. Absent until a pod has started a sandbox. */
  containment?: ScriptRuntimeStatusContainment;
  /** Counters of this runtime's executions, updated on change, at most every 10 seconds. */
  executions?: ScriptRuntimeStatusExecutions;
  /** The VMs of all pods together. */
  pool?: ScriptRuntimeStatusPool;
  /** The caches of compiled scripts of all pods together. */
  compilation?: ScriptRuntimeStatusCompilation;
  /** Counters of pods that no longer exist. They are included in the sums above, which therefore never decrease. */
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
  /** Time of the last change of the condition's `status`. */
  lastTransitionTime: string;
  /** Machine-readable reason, one word in CamelCase. */
  reason: string;
  /** Human-readable message. */
  message: string;
}

/** Which lines of containment hold around the sandbox processes of all pods: a line is active if it is in every pod that has reported it. Absent until a pod has started a sandbox. */
export interface ScriptRuntimeStatusContainment {
  /** Whether every sandbox process runs under a seccomp filter. */
  seccomp?: 'Active' | 'Inactive';
  /** Node's permission model. */
  permissionModel?: 'Active';
  /** Why the seccomp filter is not active. */
  reason?: string;
}

/** Counters of this runtime's executions, updated on change, at most every 10 seconds. */
export interface ScriptRuntimeStatusExecutions {
  /** Finished executions. */
  total?: number;
  /** Executions that succeeded. */
  succeeded?: number;
  /** Executions that failed with an error other than TimeoutError. */
  errors?: number;
  /** Executions that failed with a TimeoutError. */
  timeouts?: number;
  /** Running executions. */
  running?: number;
  /** Executions waiting for a VM. */
  pending?: number;
}

/** The VMs of all pods together. */
export interface ScriptRuntimeStatusPool {
  /** VMs that exist. */
  size?: number;
  /** Idle VMs. */
  idle?: number;
  /** VMs that are running a script. */
  busy?: number;
  /** VMs started since the pods started. */
  created?: number;
  /** VMs stopped since the pods started. */
  destroyed?: number;
}

/** The caches of compiled scripts of all pods together. */
export interface ScriptRuntimeStatusCompilation {
  /** Cached scripts. */
  size?: number;
  /** Executions whose script was cached. */
  hits?: number;
  /** Executions whose script had to be compiled. */
  misses?: number;
}

/** Counters of pods that no longer exist. They are included in the sums above, which therefore never decrease. */
export interface ScriptRuntimeStatusRetired {
  /** Finished executions. */
  total?: number;
  /** Succeeded executions. */
  succeeded?: number;
  /** Executions that failed with an error other than TimeoutError. */
  errors?: number;
  /** Executions that failed with a TimeoutError. */
  timeouts?: number;
  /** Started VMs. */
  created?: number;
  /** Stopped VMs. */
  destroyed?: number;
  /** Executions whose script was cached. */
  hits?: number;
  /** Executions whose script had to be compiled. */
  misses?: number;
}

/** A ScriptExecution runs a script once per change, and records the outcome in its status. */
export interface ScriptExecution {
  /** Version of the API: copepod.dev/v1alpha1. */
  apiVersion: 'copepod.dev/v1alpha1';
  /** Kind of the object: ScriptExecution. */
  kind: 'ScriptExecution';
  metadata: ObjectMeta;
  /** Desired state: what to run. */
  spec: ScriptExecutionSpec;
  /** Observed state and outcome. */
  status: ScriptExecutionStatus;
}

/** Desired state: what to run. */
export interface ScriptExecutionSpec {
  /** The ScriptRuntime that runs the script. */
  runtimeRef: ScriptRuntimeReference;
  /** Language of the script. TypeScript types are stripped, not checked. */
  language: 'JavaScript' | 'TypeScript';
  /** The script, at most 256 KiB of UTF-8. Exactly one of `source` and `sourceFrom` must be set. */
  source?: string;
  /** Source of the script. Exactly one of `source` and `sourceFrom` must be set. */
  sourceFrom?: ScriptSourceReference;
  /** The global `params` of the script: any JSON of at most 256 KiB and 100 levels; more is refused (LimitsRefused). Default: an empty object. */
  params?: JsonValue;
  /**
   * Variables laid over the `env` of the runtime: `env.NAME` in the script. They are visible to everybody who can read the execution. A change of them is a change of what is run; a change of the runtime's is not.
   *
   * Items: A variable.
   */
  env?: ScriptExecutionEnv[];
  /** The global `context` of the script. It is the author's claim, not a proof of identity. Omitted fields have defaults. */
  context?: ScriptExecutionContext;
  /** Limits of this execution. They can only be lower than the runtime's: an execution with a higher limit is refused (LimitsRefused) and never starts. */
  limits?: ScriptExecutionLimits;
  /** Maximum number of retries of a run with a retryable error. With 0 a script is started at most once. */
  backoffLimit: number;
  /** Executions of higher priority start first, among those of the same tenant. */
  priority: number;
  /** Delays the start while true. It does not affect a running script. */
  suspend: boolean;
  /** Cancels the run, whether it is waiting or running. Final for this run. */
  cancel: boolean;
  /** Maximum time between the request of a run and its start, in seconds. Exceeding it ends the execution with DeadlineExceeded. Default: no deadline. */
  startingDeadlineSeconds?: number;
  /** Seconds after which a finished execution is deleted. Default: never. */
  ttlSecondsAfterFinished?: number;
  /** Any text. Changing it starts another run. */
  rerunToken?: string;
}

/** The ScriptRuntime that runs the script. */
export interface ScriptRuntimeReference {
  /** Name of a ScriptRuntime in this namespace. */
  name: string;
}

/** Source of the script. Exactly one of `source` and `sourceFrom` must be set. */
export interface ScriptSourceReference {
  /** A key of a ConfigMap in this namespace with the label `copepod.dev/source: "true"`. It is read when a run starts; a later change does not start a run. */
  configMapKeyRef?: ConfigMapKeyReference;
  /** A script of several files: each key in the `data` of a ConfigMap in this namespace with the label `copepod.dev/source: "true"` is a file, and `import './lib.ts'` imports the key `lib.ts`. All files are read at once, in one version of the ConfigMap, when a run starts; a later change does not start a run. At most 1000 files with 1 MiB together. */
  configMapRef?: ConfigMapFilesReference;
}

/** A key of a ConfigMap in this namespace with the label `copepod.dev/source: "true"`. It is read when a run starts; a later change does not start a run. */
export interface ConfigMapKeyReference {
  /** Name of the ConfigMap. */
  name: string;
  /** Key in its `data` that contains the script. */
  key: string;
}

/** A script of several files: each key in the `data` of a ConfigMap in this namespace with the label `copepod.dev/source: "true"` is a file, and `import './lib.ts'` imports the key `lib.ts`. All files are read at once, in one version of the ConfigMap, when a run starts; a later change does not start a run. At most 1000 files with 1 MiB together. */
export interface ConfigMapFilesReference {
  /** Name of the ConfigMap. */
  name: string;
  /** Key of the file that is run. A file whose name ends in `.ts`, `.mts` or `.cts` is TypeScript, whatever `language` says. */
  main: string;
}

/** A variable. */
export interface ScriptExecutionEnv {
  /** Name of the variable. */
  name: string;
  /** Its value. */
  value: string;
}

/** The global `context` of the script. It is the author's claim, not a proof of identity. Omitted fields have defaults. */
export interface ScriptExecutionContext {
  /** Tenant of the execution. Executions of different tenants never share state of a VM. */
  tenant?: ScriptExecutionContextTenant;
  /** User of the execution. Default: a user with empty id, email and permissions. */
  user?: ScriptExecutionContextUser;
  /** Origin of the execution. Its `id` is always the object's uid. */
  execution?: ScriptExecutionContextExecution;
  /** Id of the request it belongs to, for tracing. Default: a new id. */
  requestID?: string;
  /** W3C trace context of the request it belongs to (`traceparent`). The gateway sets it. Default: none. */
  traceparent?: string;
  /** State of the tracing systems that took part in the trace (`tracestate`). Default: none. */
  tracestate?: string;
}

/** Tenant of the execution. Executions of different tenants never share state of a VM. */
export interface ScriptExecutionContextTenant {
  /** Id of the tenant. Default: the namespace. */
  id?: string;
  /** Name of the tenant. Default: its id. */
  name?: string;
}

/** User of the execution. Default: a user with empty id, email and permissions. */
export interface ScriptExecutionContextUser {
  /** Id of the user. */
  id?: string;
  /** E-mail address of the user. */
  email?: string;
  /**
   * Permissions of the user; their meaning is defined by scripts and host functions.
   *
   * Items: A permission.
   */
  permissions?: string[];
}

/** Origin of the execution. Its `id` is always the object's uid. */
export interface ScriptExecutionContextExecution {
  /** Kind of request that started it. Default: one_off. */
  type?: 'cron' | 'http' | 'one_off' | 'embedded';
  /** Who started it. Default: user. */
  triggeredBy?: 'user' | 'system' | 'api';
  /** Name of the Kubernetes user who wrote what it runs. The policies of `deploy/policies` set it and keep it, and the gateway sets it to the user of the request; without them it is the author's claim. Default: absent. */
  createdBy?: string;
}

/** Limits of this execution. They can only be lower than the runtime's: an execution with a higher limit is refused (LimitsRefused) and never starts. */
export interface ScriptExecutionLimits {
  /** Maximum growth of the sandbox process's memory, in bytes: heap, buffers and everything else. Exceeding it ends the execution with MemoryExceeded. Default: the runtime's limit. */
  memory?: number | string;
  /** Maximum CPU time of the script, including asynchronous parts. Exceeding it ends the execution with CPUTimeExceeded. Default: the runtime's limit. */
  cpuTime?: string;
  /** Maximum wall time of the script, from its start on a VM. Exceeding it ends the execution with TimeoutExceeded. Default: the runtime's limit. */
  timeout?: string;
  /** Maximum number of calls of host functions and of `fetch`. Exceeding it ends the execution with APICallsExceeded. Default: the runtime's limit. */
  apiCalls?: number;
  /** Maximum size of what an execution sends and receives with `fetch`: the bodies of all requests and responses, decompressed, in bytes. Exceeding it ends the execution with FetchBytesExceeded. Default: the runtime's limit. */
  fetchBytes?: number | string;
  /** Maximum size of the result, in bytes of UTF-8 JSON. Exceeding it ends the execution with ResultTooLarge. Default: the runtime's limit. */
  result?: number | string;
  /** Maximum size of `status.logs`, in bytes. The last lines are kept; logging more is not an error. Default: the runtime's limit. */
  logs?: number | string;
}

/** Observed state and outcome. */
export interface ScriptExecutionStatus {
  /** The `metadata.generation` that this status describes; -1 before the operator has observed the object. */
  observedGeneration?: number;
  /**
   * Succeeded (True, False, or Unknown until it finishes), and Ready, Reconciling and Stalled for tools that follow kstatus.
   *
   * Items: One aspect of the object's state (metav1.Condition).
   */
  conditions?: Condition[];
  /** Id of the trace that the spans of this run are in, as hexadecimal digits. Absent where the operator sends no traces. */
  traceID?: string;
  /** Number of the run, from 1. A change of what is run starts the next. */
  run?: number;
  /** Digest of the `spec` fields that determine what is run, prefixed with the version of the list of fields. */
  runDigest?: string;
  /** SHA-256 of all that the run read from ConfigMaps (the files of `sourceFrom`, the imports of the runtime), in hexadecimal, prefixed with the name of the algorithm. */
  sourceDigest?: string;
  /** Number of attempts of this run. */
  attempts?: number;
  /**
   * The previous attempts of this run, oldest first; at most the last five.
   *
   * Items: A failed attempt that was retried.
   */
  attemptHistory?: ExecutionAttempt[];
  /** The pod that is assigned to this run. */
  claim?: ExecutionClaim;
  /** Time when the script started. */
  startTime?: string;
  /** Time when the run finished. */
  completionTime?: string;
  /** Result of the script: any JSON, including null. Absent if the script returned undefined or did not succeed. */
  result?: JsonValue;
  /** The error, if it failed. */
  error?: ExecutionError;
  /**
   * The last log lines of the script, within `limits.logs`.
   *
   * Items: A log line.
   */
  logs?: ExecutionLogLine[];
  /** Resource usage. */
  usage?: ExecutionUsage;
}

/** A failed attempt that was retried. */
export interface ExecutionAttempt {
  /** Number of the attempt, from 1. */
  attempt: number;
  /** Name of the pod that ran it. */
  podName?: string;
  /** Uid of that pod. */
  podUID?: string;
  /** Time when the script started. */
  startTime?: string;
  /** Time when the attempt finished. */
  completionTime?: string;
  /** Reason of its outcome, as in the condition Succeeded. */
  reason?: string;
  /** The error, if it failed. */
  error?: ExecutionError;
}

/** The error, if it failed. */
export interface ExecutionError {
  /** Class of the error. */
  type: 'CompilationError' | 'RuntimeError' | 'TimeoutError' | 'ResourceError' | 'InternalError';
  /** Error message. */
  message: string;
  /** The file of the script that `line` and `column` are of. */
  file?: string;
  /** Line of that file, from 1. */
  line?: number;
  /** Column of that line, from 1. */
  column?: number;
  /** Whether another attempt of the same script may succeed. */
  retryable: boolean;
}

/** The pod that is assigned to this run. */
export interface ExecutionClaim {
  /** Name of the pod. */
  podName: string;
  /** Uid of the pod. */
  podUID: string;
  /** Boot id of the pod's process. A process with another id does not know the run. */
  bootID: string;
  /** Number of the attempt, from 1. */
  attempt: number;
  /** Time when the run was assigned to the pod. */
  claimTime: string;
}

/** A log line. */
export interface ExecutionLogLine {
  /** Time when it was logged. */
  time: string;
  /** Log level. */
  level: 'debug' | 'info' | 'warn' | 'error';
  /** The text. */
  message: string;
}

/** Resource usage. */
export interface ExecutionUsage {
  /** CPU time, in milliseconds. */
  cpuMilliseconds?: number;
  /** Wall time, in milliseconds. */
  wallMilliseconds?: number;
  /** Peak heap size of the script, in bytes. */
  peakHeapBytes?: number;
  /** Number of calls of host functions and of `fetch`. */
  apiCalls?: number;
  /** Number of requests that `fetch` has sent, with those of redirects. Absent: none. */
  fetches?: number;
  /** Size of the bodies of these requests, in bytes. */
  fetchBytesSent?: number;
  /** Size of the bodies of their responses, decompressed, in bytes. */
  fetchBytesReceived?: number;
}

/** A ScriptSchedule starts executions of a script at the times of a cron expression, as a CronJob starts Jobs. */
export interface ScriptSchedule {
  /** Version of the API: copepod.dev/v1alpha1. */
  apiVersion: 'copepod.dev/v1alpha1';
  /** Kind of the object: ScriptSchedule. */
  kind: 'ScriptSchedule';
  metadata: ObjectMeta;
  /** When to start what. */
  spec: ScriptScheduleSpec;
  /** What became of it. */
  status: ScriptScheduleStatus;
}

/** When to start what. */
export interface ScriptScheduleSpec {
  /** A cron expression: minute, hour, day of month, month and day of week, or `@hourly`, `@daily` (`@midnight`), `@weekly`, `@monthly`, `@yearly` (`@annually`) or `@every 90m`. The syntax is a CronJob's. */
  schedule: string;
  /** Name of the time zone that `schedule` is read in, such as `Europe/Berlin`, from the IANA time zone database. Left out: UTC. */
  timeZone?: string;
  /** What becomes of a start while an execution of the schedule has not finished. `Allow`: both run. `Forbid`: the start is left out. `Replace`: the older one is cancelled. */
  concurrencyPolicy: 'Allow' | 'Forbid' | 'Replace';
  /** By how many seconds a start may be late, where something kept it from its time. Left out: by any. */
  startingDeadlineSeconds?: number;
  /** Whether to start nothing. Executions that have been started are not concerned. What is missed meanwhile counts as missed: see startingDeadlineSeconds. */
  suspend: boolean;
  /** A time over which starts are spread: each start comes later by a part of it that depends on the namespace and name of the schedule alone. Left out: 0s. */
  spread?: string;
  /** How many executions that succeeded are kept; the oldest are deleted. */
  successfulExecutionsHistoryLimit: number;
  /** How many executions that did not succeed are kept; the oldest are deleted. */
  failedExecutionsHistoryLimit: number;
  /** The executions that are started. A change of it is for those that start after it. */
  executionTemplate: ScriptScheduleExecutionTemplate;
}

/** The executions that are started. A change of it is for those that start after it. */
export interface ScriptScheduleExecutionTemplate {
  /** What is added to the metadata of each execution. */
  metadata?: ScriptScheduleExecutionTemplateMetadata;
  /** Desired state: what to run. */
  spec: ScriptExecutionSpec;
}

/** What is added to the metadata of each execution. */
export interface ScriptScheduleExecutionTemplateMetadata {
  /** Labels. */
  labels?: Record<string, string>;
  /** Annotations. */
  annotations?: Record<string, string>;
}

/** What became of it. */
export interface ScriptScheduleStatus {
  /** The `metadata.generation` that this status describes; -1 before the operator has seen the object. */
  observedGeneration?: number;
  /**
   * Ready, and for tools that read kstatus Stalled, where the schedule or the template cannot be used.
   *
   * Items: One aspect of the object's state (metav1.Condition).
   */
  conditions?: Condition[];
  /**
   * Executions that have not finished, the oldest first.
   *
   * Items: An execution.
   */
  active?: ScriptScheduleStatusActive[];
  /** How many executions have not finished. */
  activeCount?: number;
  /** The last time of the schedule that an execution was started for. */
  lastScheduleTime?: string;
  /** When an execution last succeeded. */
  lastSuccessfulTime?: string;
  /** The next time of the schedule. With `spread` the start is later than it. Absent while the schedule is suspended, and where there is none within five years. */
  nextScheduleTime?: string;
  /** The last time of the schedule that was left out, because nothing could be started within `startingDeadlineSeconds`. */
  lastMissedTime?: string;
  /** The schedule and its time zone that the times above were found by. */
  observedSchedule?: string;
  /** From when `observedSchedule` holds, where it was changed: times before it are of another schedule. */
  observedSince?: string;
  /** The value of the annotation `copepod.dev/trigger` that an execution was last started for. */
  lastTrigger?: string;
}

/** An execution. */
export interface ScriptScheduleStatusActive {
  /** Name of the execution. */
  name: string;
  /** Uid of the execution. */
  uid: string;
}

/** A ScriptEndpoint has a script answer HTTP requests: the gateway serves it, and calls the web handler that the script exports. */
export interface ScriptEndpoint {
  /** Version of the API: copepod.dev/v1alpha1. */
  apiVersion: 'copepod.dev/v1alpha1';
  /** Kind of the object: ScriptEndpoint. */
  kind: 'ScriptEndpoint';
  metadata: ObjectMeta;
  /** What answers which requests. */
  spec: ScriptEndpointSpec;
  /** Whether and where it is served. */
  status: ScriptEndpointStatus;
}

/** What answers which requests. */
export interface ScriptEndpointSpec {
  /** The ScriptRuntime that runs the script. */
  runtimeRef: ScriptRuntimeReference;
  /** Language of the script. TypeScript types are stripped, not checked. */
  language: 'JavaScript' | 'TypeScript';
  /** The script, at most 256 KiB of UTF-8. Exactly one of `source` and `sourceFrom` must be set. */
  source?: string;
  /** Source of the script. Exactly one of `source` and `sourceFrom` must be set. */
  sourceFrom?: ScriptSourceReference;
  /**
   * Names of hosts for which the endpoint is served under `path`, beside `/NAMESPACE/NAME`. A name belongs to the namespace with the oldest endpoint that lists it; within a namespace the longest path wins.
   *
   * Items: A name of a host as clients outside the cluster know it, without a port: no IP address, no single label, no name inside a cluster.
   */
  hostnames?: string[];
  /** The path that is served for `hostnames`, and all below it. The script sees the path as it was requested. */
  path: string;
  /**
   * Methods that are served; others are answered with 405. GET allows HEAD. Left out: all but CONNECT, TRACE and TRACK.
   *
   * Items: A method, in upper case.
   */
  methods?: string[];
  /** Which web pages of other origins may call the endpoint and read its responses: Cross-Origin Resource Sharing, with the fields and the meaning of the Gateway API's CORS filter. The gateway answers preflights itself, before authentication and without starting the script, and writes the headers `Access-Control-*` of all responses, refusals too; those of the script are left out. Left out: the gateway writes none, and a preflight is a request like any other. */
  cors?: ScriptEndpointCors;
  /** How requests are authenticated, before the script is called. */
  auth: ScriptEndpointAuth;
  /**
   * Variables laid over the `env` of the runtime: `env.NAME` in the script and in what its handler is given. They are visible to everybody who can read the endpoint.
   *
   * Items: A variable.
   */
  env?: ScriptEndpointEnv[];
  /** Fields of the global `context` of the script. The rest of it is of each request. */
  context?: ScriptEndpointContext;
  /** Limits of each request. They can only be lower than the runtime's: a request with a higher limit is refused (LimitsRefused) and never starts. */
  limits?: ScriptEndpointLimits;
  /** What requests share. `None`: each has a context of its own. `Module`: the module is evaluated once for each VM and version, and its handler is called again and again: what a request leaves behind in it, later requests of the same version see. */
  reuse: 'None' | 'Module';
  /** Maximum number of requests that a gateway has under way at once, waiting ones too; more are answered with 429. Left out: as many as the gateway takes. */
  concurrency?: number;
  /** Which requests are recorded as ScriptExecutions afterwards, with the outcome and the logs of the script. `Failures`: those for which the script failed. */
  record: 'Never' | 'Failures' | 'Always';
}

/** Which web pages of other origins may call the endpoint and read its responses: Cross-Origin Resource Sharing, with the fields and the meaning of the Gateway API's CORS filter. The gateway answers preflights itself, before authentication and without starting the script, and writes the headers `Access-Control-*` of all responses, refusals too; those of the script are left out. Left out: the gateway writes none, and a preflight is a request like any other. */
export interface ScriptEndpointCors {
  /**
   * Origins whose pages may read responses, as browsers send them: scheme, host and, where it is not that of the scheme, port. `*.` at the start of the host stands for one or more labels; `*` alone for every origin.
   *
   * Items: An origin, like https://shop.example.com, https://*.example.com or http://localhost:3000.
   */
  allowOrigins: string[];
  /** Pages may send credentials that the browser adds (cookies, client certificates). A token that a page itself writes into `Authorization` is a header, and needs none of this. */
  allowCredentials?: boolean;
  /**
   * Methods that pages may use, beside GET, HEAD and POST, which are always allowed; `*`: all. `methods` says what is served.
   *
   * Items: A method, in upper case, or `*`.
   */
  allowMethods?: string[];
  /**
   * Headers that pages may send, beside those that browsers always allow; `*`: all but `Authorization`, which is named where pages send a token.
   *
   * Items: Name of a header, or `*`.
   */
  allowHeaders?: string[];
  /**
   * Headers of responses that pages may read, beside those that browsers always show; `*`: all, without allowCredentials.
   *
   * Items: Name of a header, or `*`.
   */
  exposeHeaders?: string[];
  /** Seconds for which browsers keep what a preflight has told them. */
  maxAge: number;
}

/** How requests are authenticated, before the script is called. */
export interface ScriptEndpointAuth {
  /** The kind. `Kubernetes`: a bearer token of the cluster whose user may create ScriptExecutions in the namespace, as for execute. `Bearer`: a bearer token that is in a Secret. `Webhook`: a signature over the body, made with a Secret. `JWT`: a JSON Web Token of an issuer. `None`: nothing is checked; every client that reaches the gateway may call the script. */
  type: 'None' | 'Kubernetes' | 'Bearer' | 'Webhook' | 'JWT';
  /** For type Bearer. */
  bearer?: ScriptEndpointAuthBearer;
  /** For type Webhook. */
  webhook?: ScriptEndpointAuthWebhook;
  /** For type JWT. */
  jwt?: ScriptEndpointAuthJwt;
}

/** For type Bearer. */
export interface ScriptEndpointAuthBearer {
  /** A key of a Secret in this namespace. Its value is mounted into the pods of the runtime, where it is compared: a new Secret replaces the pods, a new value does not. Each of its lines is a token. */
  secretKeyRef: ScriptEndpointAuthBearerSecretKeyRef;
}

/** A key of a Secret in this namespace. Its value is mounted into the pods of the runtime, where it is compared: a new Secret replaces the pods, a new value does not. Each of its lines is a token. */
export interface ScriptEndpointAuthBearerSecretKeyRef {
  /** Name of the Secret. */
  name: string;
  /** Key in its data. */
  key: string;
}

/** For type Webhook. */
export interface ScriptEndpointAuthWebhook {
  /** Who signs. `StandardWebhooks`: `webhook-id`, `webhook-timestamp` and `webhook-signature`. `GitHub`: `X-Hub-Signature-256`. `Stripe`: `Stripe-Signature`. */
  format: 'StandardWebhooks' | 'GitHub' | 'Stripe';
  /** A key of a Secret in this namespace. Its value is mounted into the pods of the runtime, where it is compared: a new Secret replaces the pods, a new value does not. Each of its lines is a secret, and any may have signed. */
  secretKeyRef: ScriptEndpointAuthWebhookSecretKeyRef;
  /** By how much the time that was signed may differ from that of the pod. A delivery is taken once within twice this time, by what was signed, unless it fails. GitHub signs no time. */
  toleranceSeconds: number;
}

/** A key of a Secret in this namespace. Its value is mounted into the pods of the runtime, where it is compared: a new Secret replaces the pods, a new value does not. Each of its lines is a secret, and any may have signed. */
export interface ScriptEndpointAuthWebhookSecretKeyRef {
  /** Name of the Secret. */
  name: string;
  /** Key in its data. */
  key: string;
}

/** For type JWT. */
export interface ScriptEndpointAuthJwt {
  /** The `iss` of the tokens. */
  issuer: string;
  /**
   * One of these must be the `aud` of a token, or among it.
   *
   * Items: An audience.
   */
  audiences: string[];
  /** Where the keys of the issuer are read, over HTTPS and at a public address, unless the gateway has the host as `--jwks-hosts`. */
  jwksURI?: string;
  /** The keys of the issuer, as the JSON text of a JSON Web Key Set. */
  jwks?: string;
}

/** A variable. */
export interface ScriptEndpointEnv {
  /** Name of the variable. */
  name: string;
  /** Its value. */
  value: string;
}

/** Fields of the global `context` of the script. The rest of it is of each request. */
export interface ScriptEndpointContext {
  /** Tenant of the endpoint. Requests of different tenants never share state of a VM. */
  tenant?: ScriptEndpointContextTenant;
}

/** Tenant of the endpoint. Requests of different tenants never share state of a VM. */
export interface ScriptEndpointContextTenant {
  /** Id of the tenant. Default: the namespace. */
  id?: string;
  /** Name of the tenant. Default: its id. */
  name?: string;
}

/** Limits of each request. They can only be lower than the runtime's: a request with a higher limit is refused (LimitsRefused) and never starts. */
export interface ScriptEndpointLimits {
  /** Maximum growth of the sandbox process's memory, in bytes: heap, buffers and everything else. Exceeding it ends the request with MemoryExceeded. Default: the runtime's limit. */
  memory?: number | string;
  /** Maximum CPU time of the script, including asynchronous parts. Exceeding it ends the request with CPUTimeExceeded. Default: the runtime's limit. */
  cpuTime?: string;
  /** Maximum wall time of the script, from its start on a VM. Exceeding it ends the request with TimeoutExceeded. Default: the runtime's limit. */
  timeout?: string;
  /** Maximum number of calls of host functions and of `fetch`. Exceeding it ends the request with APICallsExceeded. Default: the runtime's limit. */
  apiCalls?: number;
  /** Maximum size of what a request sends and receives with `fetch`: the bodies of all requests and responses, decompressed, in bytes. Exceeding it ends the request with FetchBytesExceeded. Default: the runtime's limit. */
  fetchBytes?: number | string;
  /** Maximum size of the log lines that a record keeps, in bytes. The last lines are kept; logging more is not an error. Default: the runtime's limit. */
  logs?: number | string;
}

/** Whether and where it is served. */
export interface ScriptEndpointStatus {
  /** The `metadata.generation` that this status describes; -1 before the operator has seen the object. */
  observedGeneration?: number;
  /**
   * Ready: whether requests are served; if its script does not compile, the message has the place. And Reconciling and Stalled, for tools that follow kstatus.
   *
   * Items: One aspect of the object's state (metav1.Condition).
   */
  conditions?: Condition[];
  /** Where the gateway serves it, by the address of the gateway that the operator was given. */
  url?: string;
  /** How many requests the gateways have answered, as far as they have told: behind by half a minute, and by more where many endpoints are called. What a gateway that is killed has not told is missing. */
  invocations?: ScriptEndpointStatusInvocations;
}

/** How many requests the gateways have answered, as far as they have told: behind by half a minute, and by more where many endpoints are called. What a gateway that is killed has not told is missing. */
export interface ScriptEndpointStatusInvocations {
  /** Requests that were not refused. */
  total: number;
  /** Requests that the script has answered, whatever the status of its response. */
  succeeded: number;
  /** Requests for which the script failed or was lost. */
  failed: number;
  /** Requests whose client went away, or whose gateway ended, before the end of the script. */
  cancelled: number;
  /** Requests that were refused before the script started; `total` is without them. */
  refused: number;
  /** When the last one ended that was not refused. */
  lastTime?: string;
  /**
   * What is included of each gateway that runs, so that no request is counted twice.
   *
   * Items: A gateway's counts since it started.
   */
  gateways?: ScriptEndpointStatusInvocationsGateways[];
}

/** A gateway's counts since it started. */
export interface ScriptEndpointStatusInvocationsGateways {
  /** The `metadata.uid` of its pod. */
  podUID: string;
  /** Id of its process. */
  bootID: string;
  /** Included in `succeeded`. */
  succeeded: number;
  /** Included in `failed`. */
  failed: number;
  /** Included in `cancelled`. */
  cancelled: number;
  /** Included in `refused`. */
  refused: number;
}
