import type { IncomingHttpHeaders } from 'node:http';
import type { ScriptEndpoint } from '../../api/types.generated.ts';
import type { User } from '../access/reviews.ts';
import type { RequestAccess } from '../execute/execute-handler.ts';

/** Decides whether a request may call the script of an endpoint. @returns its user; undefined: the endpoint asks for none */
export type Authenticate = (endpoint: ScriptEndpoint, headers: IncomingHttpHeaders) => Promise<User | undefined>;

/** @param access decides who may execute */
export function endpointAuthentication(access: RequestAccess): Authenticate {
  return async ({ metadata, spec }, headers) => {
    switch (spec.auth.type) {
      case 'None':
        return undefined;
      case 'Kubernetes':
        return await access.check(headers, metadata.namespace);
    }
  };
}
