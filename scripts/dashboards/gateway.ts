import { type Dashboard, graph, number, quantiles, query, stack } from './dashboard.ts';
import { processes } from './process.ts';

const OF = 'namespace=~"$namespace", runtime=~"$runtime"';
/** Requests in a second, with more matchers. */
const requests = (more = ''): string => `sum(rate(copepod_gateway_requests_total{${more}${OF}}[$__rate_interval]))`;

export const gatewayDashboard: Dashboard = {
  name: 'gateway',
  title: 'Gateway',
  about: 'Scripts that are executed for HTTP requests: how many, how fast, what is refused.',
  variables: [
    { name: 'namespace', label: 'Namespace', metric: 'copepod_gateway_requests_total' },
    { name: 'runtime', label: 'Runtime', metric: 'copepod_gateway_requests_total' },
  ],
  rows: [
    {
      title: 'Requests',
      panels: [
        number('Requests', 'reqps', 'Answered in a second.', requests()),
        number(
          'Errors',
          'percentunit',
          'Share that is answered with 5xx.',
          `(${requests('code=~"5..", ')} or vector(0)) / ${requests()}`,
        ),
        number(
          'Refused',
          'percentunit',
          'Share that is answered with 429: pods are full.',
          `(${requests('code="429", ')} or vector(0)) / ${requests()}`,
        ),
        number(
          'In flight',
          'short',
          'Requests on pods.',
          `sum(copepod_gateway_requests_in_flight{${OF}}) or vector(0)`,
        ),
        number(
          'Waiting',
          'short',
          'Requests that wait for a place on a pod.',
          `sum(copepod_gateway_requests_waiting{${OF}}) or vector(0)`,
        ),
        number('Gateways', 'short', 'Gateways that are scraped.', 'sum(up{job="copepod-gateway"})'),
        stack(
          'Answers, by HTTP status',
          'reqps',
          'In a second. 499: the client was gone.',
          query(`sum by (code) (rate(copepod_gateway_requests_total{${OF}}[$__rate_interval]))`, '{{code}}'),
        ),
        stack(
          'Answers, by outcome',
          'reqps',
          'In a second: the reason of the execution, or of the refusal.',
          query(`sum by (reason) (rate(copepod_gateway_requests_total{${OF}}[$__rate_interval]))`, '{{reason}}'),
        ),
        stack(
          'Requests, by runtime',
          'reqps',
          'In a second. Without a name: refused before the runtime was known.',
          query(
            `sum by (namespace, runtime) (rate(copepod_gateway_requests_total{${OF}}[$__rate_interval]))`,
            '{{namespace}}/{{runtime}}',
          ),
        ),
        graph(
          'Time to the answer',
          's',
          'From a request to its answer.',
          ...quantiles(`copepod_gateway_request_duration_seconds_bucket{${OF}}`, [], [0.5, 0.95, 0.99]),
        ),
        graph(
          'Wait for a place',
          's',
          'Until an executed request had a place on a pod.',
          ...quantiles(`copepod_gateway_wait_duration_seconds_bucket{${OF}}`, [], [0.5, 0.95, 0.99]),
        ),
        graph(
          'In flight and waiting',
          'short',
          'The autoscaler reads these.',
          query(`sum(copepod_gateway_requests_in_flight{${OF}}) or vector(0)`, 'in flight'),
          query(`sum(copepod_gateway_requests_waiting{${OF}}) or vector(0)`, 'waiting'),
        ),
        stack(
          'Bodies without room',
          'reqps',
          'In a second: 429, because the room for bodies was taken, that of the namespace or of the whole gateway.',
          query(
            'sum by (namespace, limit) (rate(copepod_gateway_body_refusals_total{namespace=~"$namespace"}[$__rate_interval]))',
            '{{namespace}} ({{limit}})',
          ),
        ),
      ],
    },
    {
      title: 'Behind the gateway',
      panels: [
        stack(
          'Requests to pods',
          'reqps',
          'In a second, by HTTP status; <error>: no answer.',
          query(
            'sum by (method, code) (rate(copepod_gateway_pod_requests_total[$__rate_interval]))',
            '{{method}} {{code}}',
          ),
        ),
        stack(
          'Refusals of pods',
          'reqps',
          'In a second. The request went to another pod or waited.',
          query('sum by (code) (rate(copepod_gateway_pod_refusals_total[$__rate_interval]))', '{{code}}'),
        ),
        stack(
          'Records',
          'ops',
          'ScriptExecutions that are written afterwards, in a second.',
          query('sum by (result) (rate(copepod_gateway_records_total[$__rate_interval]))', '{{result}}'),
        ),
        stack(
          'Requests to the API server',
          'reqps',
          'In a second, by resource and HTTP status: reviews of tokens and rights are kept for a minute.',
          query(
            'sum by (resource, code) (rate(rest_client_requests_total{job="copepod-gateway"}[$__rate_interval]))',
            '{{resource}} {{code}}',
          ),
        ),
      ],
    },
    processes('copepod-gateway'),
  ],
};
