import type { ScriptEndpoint, ScriptExecution, ScriptRuntime, ScriptSchedule } from '../../api/types.generated.ts';
import type { KubeObject } from '../../kube/object.ts';
import { Reflector } from '../../kube/reflector.ts';
import type { Resource } from '../../kube/resource.ts';
import type { AnyRow, EventMessage, Kind } from '../messages.ts';
import { failureOf } from '../refusal.ts';
import { endpointRow, executionRow, runtimeRow, scheduleRow } from '../rows.ts';
import { PAGE_SIZES, RESOURCES } from './kind.ts';
import { LineStream } from './line-stream.ts';
import { namespaceIn, type Route } from './route.ts';

/** Rows of a list in one line: the page shows them as they come. */
const ROWS_PER_LINE = 1000;
const PING_EVERY_MS = 15_000;

const PROJECTIONS: { readonly [K in Kind]: (object: never) => AnyRow } = {
  executions: executionRow satisfies (object: ScriptExecution) => AnyRow,
  runtimes: runtimeRow satisfies (object: ScriptRuntime) => AnyRow,
  schedules: scheduleRow satisfies (object: ScriptSchedule) => AnyRow,
  endpoints: endpointRow satisfies (object: ScriptEndpoint) => AnyRow,
};

/** A row as the reflector keeps objects: it reads nothing of them but the metadata. */
interface Projected extends KubeObject {
  readonly row: AnyRow;
}

/** `GET /api/events?namespace=`: the rows of all kinds as they are now, then each change, until the browser is gone. */
export const eventsRoute: Route = async ({ client, query, response, signal }) => {
  const namespace = namespaceIn(query);
  const stream = new LineStream<EventMessage>(response);
  using stopping = new DisposableStack();
  const pinging = setInterval(() => stream.send({ type: 'ping' }), PING_EVERY_MS);
  stopping.defer(() => clearInterval(pinging));
  await Promise.all(
    (Object.keys(RESOURCES) as Kind[]).map((kind) => {
      const project = PROJECTIONS[kind] as (object: KubeObject) => AnyRow;
      const reflector = new Reflector<KubeObject, Projected>(
        {
          client,
          resource: RESOURCES[kind] as Resource,
          namespace,
          pageSize: PAGE_SIZES[kind],
          transform: (object) => ({ metadata: object.metadata, row: project(object) }),
          onError: (error) => {
            const failure = failureOf(error);
            if (failure !== undefined) stream.send({ type: 'failed', kind, error: failure });
          },
        },
        {
          replaced: (objects) => sendList(stream, kind, objects, client.now()),
          changed: ({ row }) => stream.send({ type: 'set', row }),
          deleted: ({ metadata: { uid = '' } }) => stream.send({ type: 'delete', kind, uid }),
        },
      );
      return reflector.run(signal);
    }),
  );
  stream.end();
  return undefined;
};

function sendList(stream: LineStream<EventMessage>, kind: Kind, objects: readonly Projected[], now: number): void {
  stream.send({ type: 'hello', now });
  for (let start = 0; start === 0 || start < objects.length; start += ROWS_PER_LINE) {
    const rows = objects.slice(start, start + ROWS_PER_LINE).map(({ row }) => row);
    const isLast = start + ROWS_PER_LINE >= objects.length;
    stream.send({ type: 'list', kind, rows, isFirst: start === 0, isLast });
  }
}
