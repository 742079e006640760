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
  return { namespace, runtime, record: recordOf(parametersOf(query, ['record'])) };
}

/** The query of a request. @throws Refusal BadRequest for a parameter that is not known, or is there twice */
export function parametersOf(query: string | undefined, known: readonly string[]): URLSearchParams {
  const parameters = new URLSearchParams(query);
  const names = [...parameters.keys()];
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const what = `unknown query parameter "${unknown.slice(0, 100)}"`;
    throw new Refusal('BadRequest', `${what}: there ${known.length === 1 ? 'is' : 'are'} ${known.join(' and ')}`);
  }
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Refusal('BadRequest', `the query parameter ${twice} is there twice`);
  return parameters;
}

/** What is written about an execution. @throws Refusal BadRequest */
export function recordOf(parameters: URLSearchParams): Record {
  const value = parameters.get('record') ?? 'Never';
  const record = RECORDS.find((each) => each === value);
  if (record === undefined) throw new Refusal('BadRequest', `record must be one of ${RECORDS.join(', ')}`);
  return record;
}
