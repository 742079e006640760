import { API_VERSION } from '../../api/crd.ts';
import { isDnsLabel, isSubdomain } from '../../api/kubernetes-names.ts';
import { Refusal } from '../refusal.ts';

/** What is written about an execution after it. */
export const RECORDS = ['Always', 'Failures', 'Never'] as const;
export type Record = (typeof RECORDS)[number];

/** A request to execute a script. */
export interface ExecuteRoute {
  readonly namespace: string;
  readonly runtime: string;
  readonly record: Record;
}

const EXECUTE = new RegExp(`^/apis/${API_VERSION}/namespaces/([^/]+)/scriptruntimes/([^/]+)/execute$`);
const PATTERN = `/apis/${API_VERSION}/namespaces/NAMESPACE/scriptruntimes/NAME/execute`;

/** Finds what a request asks for. Pure. @throws Refusal NotFound, MethodNotAllowed or BadRequest */
export function routeOf(method: string, target: string): ExecuteRoute {
  const [path = '', query] = target.split('?', 2);
  const [, namespace = '', runtime = ''] = EXECUTE.exec(path) ?? [];
  if (!isDnsLabel(namespace) || !isSubdomain(runtime)) {
    throw new Refusal('NotFound', `no such path; the gateway serves POST ${PATTERN}`);
  }
  if (method !== 'POST') {
    throw new Refusal('MethodNotAllowed', `execute takes POST, not ${method}`, { headers: { allow: 'POST' } });
  }
  return { namespace, runtime, record: recordOf(query) };
}

function recordOf(query = ''): Record {
  const parameters = new URLSearchParams(query);
  const unknown = [...parameters.keys()].find((name) => name !== 'record');
  if (unknown !== undefined) {
    throw new Refusal('BadRequest', `unknown query parameter "${unknown.slice(0, 100)}": execute takes record`);
  }
  const values = parameters.getAll('record');
  const record = values.length === 0 ? 'Never' : RECORDS.find((each) => values.length === 1 && each === values[0]);
  if (record === undefined) throw new Refusal('BadRequest', `record must be one of ${RECORDS.join(', ')}`);
  return record;
}
