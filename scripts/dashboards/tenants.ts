import { type Dashboard, graph, number, query, stack } from './dashboard.ts';

const OF = 'namespace=~"$namespace"';

export const tenantsDashboard: Dashboard = {
  name: 'tenants',
  title: 'Tenants',
  about:
    'Who uses what, by namespace: the tenant of an execution is what its author claims, so the metrics have namespaces and no tenant ids.',
  variables: [{ name: 'namespace', label: 'Namespace', metric: 'copepod_operator_runtime_executions' }],
  rows: [
    {
      title: 'Now',
      panels: [
        number('Namespaces', 'short', 'With runtime pods.', `count(count by (namespace) (copepod_ready{${OF}}))`),
        number('Pods', 'short', 'Runtime pods that accept runs.', `sum(copepod_ready{${OF}})`),
        number(
          'Executions',
          'ops',
          'Finished in a second.',
          `sum(rate(copepod_executions_total{${OF}}[$__rate_interval]))`,
        ),
        number(
          'CPU time of scripts',
          'short',
          'Cores.',
          `sum(rate(copepod_execution_cpu_seconds_total{${OF}}[$__rate_interval]))`,
        ),
      ],
    },
    {
      title: 'Use',
      panels: [
        stack(
          'Executions',
          'ops',
          'Finished in a second, those of objects and of the gateway.',
          query(`sum by (namespace) (rate(copepod_executions_total{${OF}}[$__rate_interval]))`, '{{namespace}}'),
        ),
        stack(
          'CPU time of scripts',
          'short',
          'Cores.',
          query(
            `sum by (namespace) (rate(copepod_execution_cpu_seconds_total{${OF}}[$__rate_interval]))`,
            '{{namespace}}',
          ),
        ),
        stack(
          'Memory of supervisors',
          'bytes',
          "Resident memory of the pods' main processes; sandboxes come on top.",
          query(`sum by (namespace) (process_resident_memory_bytes{job="copepod-runtime", ${OF}})`, '{{namespace}}'),
        ),
        stack(
          'Pods',
          'short',
          'Runtime pods that accept runs.',
          query(`sum by (namespace) (copepod_ready{${OF}})`, '{{namespace}}'),
        ),
        stack(
          'Requests of scripts',
          'reqps',
          'In a second.',
          query(`sum by (namespace) (rate(copepod_fetches_total{${OF}}[$__rate_interval]))`, '{{namespace}}'),
        ),
        stack(
          'Bytes of scripts',
          'Bps',
          'Sent and received by requests of scripts.',
          query(
            `sum by (namespace, direction) (rate(copepod_fetch_bytes_total{${OF}}[$__rate_interval]))`,
            '{{namespace}} {{direction}}',
          ),
        ),
      ],
    },
    {
      title: 'Quality',
      panels: [
        graph(
          'Failed executions',
          'percentunit',
          'Share that did not complete.',
          query(
            `sum by (namespace) (rate(copepod_executions_total{reason!="Completed", ${OF}}[$__rate_interval])) / sum by (namespace) (rate(copepod_executions_total{${OF}}[$__rate_interval]))`,
            '{{namespace}}',
          ),
        ),
        graph(
          'Over a limit',
          'ops',
          'Executions in a second that ended at a limit of time, memory, requests or result.',
          query(
            `sum by (namespace, reason) (rate(copepod_executions_total{reason=~".*Exceeded|ResultTooLarge|LimitsRefused", ${OF}}[$__rate_interval])) > 0`,
            '{{namespace}} {{reason}}',
          ),
        ),
        graph(
          'Waiting executions',
          'short',
          'Executions that wait for a slot on a pod.',
          query(
            `sum by (namespace) (max by (namespace, runtime) (copepod_operator_runtime_executions{state="pending", ${OF}}))`,
            '{{namespace}}',
          ),
        ),
        graph(
          'Duration, p99',
          's',
          'Wall time on a VM.',
          query(
            `histogram_quantile(0.99, sum by (namespace, le) (rate(copepod_execution_duration_seconds_bucket{${OF}}[$__rate_interval])))`,
            '{{namespace}}',
          ),
        ),
        stack(
          'Gateway requests',
          'reqps',
          'Answered in a second.',
          query(`sum by (namespace) (rate(copepod_gateway_requests_total{${OF}}[$__rate_interval]))`, '{{namespace}}'),
        ),
        graph(
          'Gateway answers that are no success',
          'percentunit',
          'Share of requests that were refused, or answered with an error.',
          query(
            `sum by (namespace) (rate(copepod_gateway_requests_total{code!~"2..", ${OF}}[$__rate_interval])) / sum by (namespace) (rate(copepod_gateway_requests_total{${OF}}[$__rate_interval]))`,
            '{{namespace}}',
          ),
        ),
      ],
    },
  ],
};
