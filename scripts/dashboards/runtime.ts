import { type Dashboard, graph, number, quantiles, query, stack } from './dashboard.ts';
import { processes } from './process.ts';

const OF = 'namespace=~"$namespace", runtime=~"$runtime"';

export const runtimeDashboard: Dashboard = {
  name: 'runtimes',
  title: 'Runtimes',
  about: 'What the pods of ScriptRuntimes do: executions, VMs, limits, requests of scripts.',
  variables: [
    { name: 'namespace', label: 'Namespace', metric: 'copepod_ready' },
    { name: 'runtime', label: 'Runtime', metric: 'copepod_ready' },
  ],
  rows: [
    {
      title: 'Capacity',
      panels: [
        number('Pods', 'short', 'Pods that accept runs.', `sum(copepod_ready{${OF}})`),
        number('VMs', 'short', 'Executions that can run at once.', `sum(copepod_vms_max{${OF}})`),
        number('Running', 'short', 'Executions on a VM.', `sum(copepod_executions_running{${OF}})`),
        number('Waiting for a VM', 'short', 'Executions that wait in a pod.', `sum(copepod_executions_pending{${OF}})`),
        number(
          'Waiting for a pod',
          'short',
          'Executions that wait for a slot.',
          `sum(max by (namespace, runtime) (copepod_operator_runtime_executions{state="pending", ${OF}}))`,
        ),
        number(
          'In use',
          'percentunit',
          'Share of the VMs that are busy.',
          `sum(copepod_vms{state="busy", ${OF}}) / sum(copepod_vms_max{${OF}})`,
        ),
        graph(
          'Pods wanted and serving',
          'short',
          'A gap that stays: see the conditions of the ScriptRuntime.',
          query(
            `max by (namespace, runtime, state) (copepod_operator_runtime_pods{${OF}})`,
            '{{namespace}}/{{runtime}} {{state}}',
          ),
        ),
        stack(
          'VMs',
          'short',
          'Idle ones are unused or kept for their tenants.',
          query(`sum by (state) (copepod_vms{${OF}})`, '{{state}}'),
        ),
        graph(
          'VMs started, stopped, failed',
          'ops',
          'In a second. Many starts: more tenants than VMs take turns.',
          query(`sum(rate(copepod_vms_created_total{${OF}}[$__rate_interval]))`, 'started'),
          query(`sum(rate(copepod_vms_destroyed_total{${OF}}[$__rate_interval]))`, 'stopped'),
          query(`sum(rate(copepod_vms_failed_total{${OF}}[$__rate_interval]))`, 'failed'),
        ),
      ],
    },
    {
      title: 'Executions',
      panels: [
        stack(
          'Finished, by reason',
          'ops',
          'In a second, those of objects and of the gateway.',
          query(`sum by (reason) (rate(copepod_executions_total{${OF}}[$__rate_interval])) > 0`, '{{reason}}'),
        ),
        graph('Duration', 's', 'Wall time on a VM.', ...quantiles(`copepod_execution_duration_seconds_bucket{${OF}}`)),
        graph(
          'Wait for a VM',
          's',
          'From the arrival at the pod to the start.',
          ...quantiles(`copepod_execution_wait_seconds_bucket{${OF}}`),
        ),
        graph(
          'CPU time of scripts',
          'short',
          'Cores that scripts use.',
          query(
            `sum by (namespace, runtime) (rate(copepod_execution_cpu_seconds_total{${OF}}[$__rate_interval]))`,
            '{{namespace}}/{{runtime}}',
          ),
        ),
        graph(
          'Compiled before',
          'percentunit',
          'Share of the executions whose script needed no compilation.',
          query(
            `sum(rate(copepod_program_hits_total{${OF}}[$__rate_interval])) / (sum(rate(copepod_program_hits_total{${OF}}[$__rate_interval])) + sum(rate(copepod_program_misses_total{${OF}}[$__rate_interval])))`,
            'cached',
          ),
        ),
        graph('Compiled programs', 'short', 'In the cache of each pod.', query(`copepod_programs{${OF}}`, '{{pod}}')),
      ],
    },
    {
      title: 'Requests of scripts',
      panels: [
        stack(
          'Requests',
          'reqps',
          'In a second, by egress rule and outcome.',
          query(
            `sum by (rule, outcome) (rate(copepod_fetches_total{${OF}}[$__rate_interval]))`,
            '{{rule}} {{outcome}}',
          ),
        ),
        graph(
          'Duration',
          's',
          'To the end of the response.',
          ...quantiles(`copepod_fetch_duration_seconds_bucket{${OF}}`),
        ),
        graph(
          'Bytes',
          'Bps',
          'Bodies of requests and, decompressed, of responses.',
          query(`sum by (direction) (rate(copepod_fetch_bytes_total{${OF}}[$__rate_interval]))`, '{{direction}}'),
        ),
      ],
    },
    {
      title: 'Bounds of pods',
      panels: [
        graph(
          'Kept outcomes',
          'percentunit',
          'Share of what a pod can keep until the operator acknowledges. At 100% it refuses runs.',
          query(
            `max by (namespace, pod) (copepod_runs_unacknowledged{${OF}} / copepod_runs_max{${OF}})`,
            '{{namespace}}/{{pod}} outcomes',
          ),
          query(
            `max by (namespace, pod) (copepod_runs_bytes{${OF}} / copepod_runs_bytes_max{${OF}})`,
            '{{namespace}}/{{pod}} bytes',
          ),
        ),
        stack(
          'Refused requests',
          'reqps',
          'By code. Busy: no capacity for more runs or outcomes.',
          query(`sum by (code) (rate(copepod_refusals_total{${OF}}[$__rate_interval])) > 0`, '{{code}}'),
        ),
        graph(
          'Containment',
          'none',
          'Lines of defence around sandbox processes: 1 where active in all pods.',
          query(`min by (namespace, runtime, line) (copepod_containment{${OF}})`, '{{namespace}}/{{runtime}} {{line}}'),
        ),
        graph(
          'Dropped log lines',
          'ops',
          'In a second, because standard output was read too slowly.',
          query(`sum by (source) (rate(copepod_log_lines_dropped_total{${OF}}[$__rate_interval]))`, '{{source}}'),
        ),
        graph(
          'Active runs',
          'short',
          'Runs of each pod that have not finished.',
          query(`sum by (namespace, pod) (copepod_runs_active{${OF}})`, '{{namespace}}/{{pod}}'),
        ),
        graph(
          'Clock skew',
          's',
          "How far the operator's clock was ahead at its last request.",
          query(`copepod_clock_skew_seconds{${OF}}`, '{{pod}}'),
        ),
      ],
    },
    processes('copepod-runtime', `, ${OF}`),
  ],
};
