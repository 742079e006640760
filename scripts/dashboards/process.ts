import { graph, query, type Row } from './dashboard.ts';

/** The last row of each dashboard: the Node processes of a job. */
export function processes(job: string, more = ''): Row {
  const of = `job="${job}"${more}`;
  return {
    title: 'Processes',
    panels: [
      graph(
        'CPU time',
        'short',
        'Cores that each process uses.',
        query(`rate(process_cpu_seconds_total{${of}}[$__rate_interval])`, '{{instance}}'),
      ),
      graph(
        'Memory',
        'bytes',
        'Resident memory of each process, and the used part of its heap.',
        query(`process_resident_memory_bytes{${of}}`, '{{instance}} resident'),
        query(`nodejs_heap_size_used_bytes{${of}}`, '{{instance}} heap'),
      ),
      graph(
        'Event loop lag',
        's',
        'How late one in a hundred turns of the event loop comes. Above a second, leases and limits suffer.',
        query(`nodejs_eventloop_lag_p99_seconds{${of}}`, '{{instance}}'),
      ),
    ],
  };
}
