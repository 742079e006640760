import { LiveLogs } from '../../cluster/executions/live-logs.ts';
import { progressOf } from '../../cluster/executions/progress.ts';
import { SCRIPT_EXECUTIONS } from '../../cluster/resources.ts';
import { untilAborted } from '../../kube/until-aborted.ts';
import type { LogMessage } from '../messages.ts';
import { LineStream } from './line-stream.ts';
import { nameIn, type Route } from './route.ts';

/**
 * `GET /api/logs/NAMESPACE/NAME`: what a script that runs has logged, from its pod's log, and what it logs until the browser
 * is gone. The lines of a run that has finished are in the status of its object.
 */
export const logsRoute: Route = async ({ client, path, response, signal }) => {
  const namespace = nameIn(path[0], 'namespace');
  const name = nameIn(path[1], 'name');
  const execution = await client.get(SCRIPT_EXECUTIONS, { namespace, name }, { signal });
  const stream = new LineStream<LogMessage>(response);
  const onForbidden = (): void => stream.send({ forbidden: true });
  const logs = new LiveLogs({ client, namespace }, (line) => stream.send(line), onForbidden);
  if (progressOf(execution).kind === 'running') {
    logs.running(execution);
    await untilAborted(signal);
    await logs.close();
  }
  stream.end();
  return undefined;
};
