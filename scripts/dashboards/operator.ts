import { type Dashboard, graph, number, quantiles, query, stack } from './dashboard.ts';
import { processes } from './process.ts';

const API = 'job=~"copepod-(operator|gateway)"';

export const operatorDashboard: Dashboard = {
  name: 'operator',
  title: 'Operator',
  about: 'Whether executions start and finish, and what keeps them from it: pods, the API server, the operator itself.',
  variables: [],
  rows: [
    {
      title: 'Executions',
      panels: [
        number(
          'Leaders',
          'none',
          'One replica leads. Zero: nothing starts.',
          'sum(leader_election_master_status{job="copepod-operator"})',
        ),
        number(
          'Waiting',
          'short',
          'Executions that wait for a slot on a pod.',
          'max(copepod_operator_executions_pending)',
        ),
        number('Running', 'short', 'Executions that pods are running.', 'max(copepod_operator_executions_running)'),
        number(
          'Finished',
          'ops',
          'Executions that finish in a second.',
          'sum(rate(copepod_operator_executions_total[$__rate_interval]))',
        ),
        number(
          'Failed',
          'percentunit',
          'Share of the finished executions that did not complete.',
          '(sum(rate(copepod_operator_executions_total{reason!="Completed"}[$__rate_interval])) or vector(0)) / sum(rate(copepod_operator_executions_total[$__rate_interval]))',
        ),
        number(
          'Clock skew',
          's',
          "How far the operator's clock is from the API server's.",
          'max(abs(copepod_operator_clock_skew_seconds))',
        ),
        stack(
          'Finished, by reason',
          'ops',
          'Executions that finish in a second, by the reason of their condition Succeeded.',
          query('sum by (reason) (rate(copepod_operator_executions_total[$__rate_interval])) > 0', '{{reason}}'),
        ),
        graph(
          'Duration',
          's',
          'From the claim of an execution to its recorded outcome.',
          ...quantiles('copepod_operator_execution_duration_seconds_bucket'),
        ),
        stack(
          'Pods',
          'short',
          'Runtime pods by what the operator knows of them. Unreachable and refusing pods get no executions.',
          query('max by (state) (copepod_operator_pods)', '{{state}}'),
        ),
      ],
    },
    {
      title: 'Status writes',
      panels: [
        graph(
          'Wait for a turn',
          's',
          'How long one in ten executions waits for its status write; of a claim this includes the time without a free slot.',
          ...quantiles('copepod_operator_dispatch_wait_seconds_bucket', ['class'], [0.9]),
        ),
        graph(
          'Duration of a turn',
          's',
          'Reads and the status write.',
          ...quantiles('copepod_operator_dispatch_duration_seconds_bucket', ['class'], [0.9]),
        ),
        graph(
          'Writes in flight',
          'short',
          "How many may be in flight, which follows the API server's latency, and how many are.",
          query('max by (state) (copepod_operator_dispatch_seats)', '{{state}}'),
        ),
        stack(
          'Turns',
          'ops',
          'Status writes in a second, by class and result.',
          query(
            'sum by (class, result) (rate(copepod_operator_dispatches_total[$__rate_interval]))',
            '{{class}} {{result}}',
          ),
        ),
        graph(
          'Reconciles',
          'ops',
          'Reconciles in a second, by controller and result.',
          query(
            'sum by (controller, result) (rate(controller_runtime_reconcile_total{job="copepod-operator"}[$__rate_interval]))',
            '{{controller}} {{result}}',
          ),
        ),
        graph(
          'Work queues',
          'short',
          'Keys that wait to be reconciled.',
          query('max by (name) (workqueue_depth{job="copepod-operator"})', '{{name}}'),
        ),
      ],
    },
    {
      title: 'Runtime pods',
      panels: [
        stack(
          'Requests to pods',
          'reqps',
          'Requests of the operator to pods in a second, by HTTP status.',
          query(
            'sum by (method, code) (rate(copepod_operator_pod_requests_total[$__rate_interval]))',
            '{{method}} {{code}}',
          ),
        ),
        stack(
          'Refusals of pods',
          'reqps',
          'Requests that pods refused in a second. Busy: they are full.',
          query('sum by (code) (rate(copepod_operator_pod_refusals_total[$__rate_interval]))', '{{code}}'),
        ),
        graph(
          'Duration of requests to pods',
          's',
          'A POST takes as long as its run.',
          ...quantiles('copepod_operator_pod_request_duration_seconds_bucket', ['method'], [0.99]),
        ),
      ],
    },
    {
      title: 'API server',
      panels: [
        stack(
          'Requests',
          'reqps',
          'Requests to the API server in a second, by HTTP status; <error>: no answer.',
          query(`sum by (job, code) (rate(rest_client_requests_total{${API}}[$__rate_interval]))`, '{{job}} {{code}}'),
        ),
        graph(
          'Latency',
          's',
          'Duration of requests to the API server; of a watch, until it starts.',
          ...quantiles(`rest_client_request_duration_seconds_bucket{${API}}`, ['verb'], [0.99]),
        ),
        graph(
          'Throttled',
          'percentunit',
          'Share of the time for which the API server asked to send no requests.',
          query(
            `max by (job, resource) (rate(rest_client_throttled_seconds_total{${API}}[$__rate_interval]))`,
            '{{job}} {{resource}}',
          ),
        ),
        graph(
          'Age of caches',
          's',
          'Time since the last event of a watch. Even without changes a bookmark comes every minute.',
          query(`max by (job, resource) (reflector_last_event_age_seconds{${API}})`, '{{job}} {{resource}}'),
        ),
        stack(
          'Ended watches',
          'ops',
          'Watches that ended in a second: end is normal, expired and error are followed by a list.',
          query(`sum by (job, result) (rate(reflector_watches_total{${API}}[$__rate_interval]))`, '{{job}} {{result}}'),
        ),
        stack(
          'Events',
          'ops',
          'Events of objects in a second, by what became of them.',
          query(
            'sum by (result) (rate(event_recorder_events_total{job="copepod-operator"}[$__rate_interval]))',
            '{{result}}',
          ),
        ),
      ],
    },
    {
      title: 'Schedules',
      panels: [
        stack(
          'Starts',
          'ops',
          'Executions that ScriptSchedules start in a second.',
          query('sum by (trigger) (rate(copepod_operator_schedule_starts_total[$__rate_interval]))', '{{trigger}}'),
        ),
        stack(
          'Start times without an execution',
          'ops',
          'By cause: the one before still runs (forbid), too late (deadline), the name existed (name_taken).',
          query(
            'sum by (cause) (rate(copepod_operator_schedule_starts_left_out_total[$__rate_interval]))',
            '{{cause}}',
          ),
        ),
        graph(
          'Delay of starts',
          's',
          'From the scheduled time of an execution to its creation.',
          ...quantiles('copepod_operator_schedule_start_skew_seconds_bucket'),
        ),
      ],
    },
    processes('copepod-operator'),
  ],
};
