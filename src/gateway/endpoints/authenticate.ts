import type { IncomingHttpHeaders } from 'node:http';
import type { SecretAuthentication } from '../../api/endpoints/request-authentication.ts';
import type { ScriptEndpoint } from '../../api/types.generated.ts';
import { bearerToken } from '../access/bearer-token.ts';
import type { JwtAccess } from '../access/jwt-access.ts';
import type { RequestAccess } from '../execute/execute-handler.ts';
import { Refusal } from '../refusal.ts';

/** What is known of a request whose head has been looked at. */
export interface Authentication {
  /** Who it is from; undefined: anybody, or a client that has the Secret. */
  readonly user?: { readonly username: string; readonly email?: string };
  /** Where a Secret decides: the gateway has none, so the pod does it. */
  readonly bySecret?: SecretAuthentication;
  /** The Authorization header was for the gateway: the script does not see it. */
  readonly hidesAuthorization: boolean;
}

/** Authenticates the head of a request for an endpoint. @throws Refusal */
export type Authenticate = (endpoint: ScriptEndpoint, headers: IncomingHttpHeaders) => Promise<Authentication>;

export interface AuthenticationParts {
  /** Decides who may execute. */
  readonly access: RequestAccess;
  readonly jwt: Pick<JwtAccess, 'check'>;
}

export function endpointAuthentication({ access, jwt }: AuthenticationParts): Authenticate {
  return async ({ metadata, spec: { auth } }, headers) => {
    const { namespace, uid: endpoint = '' } = metadata;
    const { bearer, webhook, jwt: tokens } = auth;
    switch (auth.type) {
      case 'Kubernetes':
        return { user: await access.check(headers, namespace), hidesAuthorization: true };
      case 'JWT': {
        if (tokens === undefined) return refuseAll();
        // The script is among those that the token is for.
        return { user: await jwt.check(headers.authorization, tokens), hidesAuthorization: false };
      }
      case 'Bearer': {
        if (bearer === undefined) return refuseAll();
        const { secretKeyRef } = bearer;
        const token = bearerToken(headers.authorization, 'the token of the endpoint');
        const bySecret = { type: auth.type, endpoint, secretKeyRef, token } as const;
        return { bySecret, hidesAuthorization: true };
      }
      case 'Webhook': {
        if (webhook === undefined) return refuseAll();
        return { bySecret: { type: auth.type, endpoint, ...webhook }, hidesAuthorization: false };
      }
      case 'None':
        return { hidesAuthorization: false };
    }
  };
}

/** The definition refuses such an endpoint; without it, all its requests are refused. */
function refuseAll(): never {
  throw new Refusal('Unauthorized', 'the endpoint does not say how it authenticates');
}
