import type { JsonValue } from '../../api/json.ts';
import { progressOf } from '../../cluster/executions/progress.ts';
import { rerunPatch } from '../../cluster/executions/rerun-patch.ts';
import { SCRIPT_EXECUTIONS, SCRIPT_SCHEDULES } from '../../cluster/resources.ts';
import { ApiError } from '../../kube/api-error.ts';
import { ACTIONS, type ActionRequest } from '../messages.ts';
import { badRequest, conflict } from '../refusal.ts';
import { nameIn, type Route } from './route.ts';

/** `POST /api/actions`: the only thing that the dashboard writes. The API server decides whether the viewer may. */
export const actionRoute: Route = async ({ client, body, signal }) => {
  const { action, kind, namespace, name, uid } = parseAction(body);
  const ref = { namespace, name };
  try {
    if (kind === 'schedules') {
      const patch = { metadata: { uid }, spec: { suspend: action === 'suspend' } };
      await client.mergePatch(SCRIPT_SCHEDULES, ref, patch, { signal });
    } else {
      await client.mergePatch(SCRIPT_EXECUTIONS, ref, { metadata: { uid }, ...(await change()) }, { signal });
    }
  } catch (error) {
    // Of a custom resource, another uid is an invalid one.
    if (error instanceof ApiError && error.details.causes?.some(({ field }) => field === 'metadata.uid')) {
      throw conflict(`${name} is another object by now: it was deleted and created again`);
    }
    throw error;
  }
  return {};

  async function change(): Promise<object> {
    if (action === 'suspend' || action === 'resume') return { spec: { suspend: action === 'suspend' } };
    const execution = await client.get(SCRIPT_EXECUTIONS, ref, { signal });
    const hasFinished = progressOf(execution).kind === 'finished';
    if (action === 'cancel') {
      if (hasFinished) throw conflict(`${name} has ended`);
      return { spec: { cancel: true } };
    }
    if (!hasFinished) throw conflict(`the current run of ${name} has not ended`);
    return rerunPatch(execution.spec);
  }
};

/** Checks the body of a request. Pure. @throws Refusal */
export function parseAction(body: unknown): ActionRequest {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw badRequest('an object is needed');
  const { action, kind, namespace, name, uid, ...others } = body as Readonly<Record<string, JsonValue>>;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw badRequest('a field of the request is not known');
  const wanted = ACTIONS.find((each) => each === action);
  if (wanted === undefined) throw badRequest(`action must be one of ${ACTIONS.join(', ')}`);
  if (kind !== 'executions' && kind !== 'schedules') throw badRequest('kind must be executions or schedules');
  if (kind === 'schedules' && wanted !== 'suspend' && wanted !== 'resume') {
    throw badRequest('a schedule can be suspended and resumed');
  }
  if (typeof uid !== 'string' || !/^[\w-]{1,128}$/.test(uid)) throw badRequest('uid is not the uid of an object');
  const text = (value: JsonValue | undefined): string | undefined => (typeof value === 'string' ? value : undefined);
  return {
    action: wanted,
    kind,
    namespace: nameIn(text(namespace), 'namespace'),
    name: nameIn(text(name), 'name'),
    uid,
  };
}
