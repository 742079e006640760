import { ApiError, isAlreadyExists, isConflict, isForbidden, isInvalid } from '../../kube/api-error.ts';

/** Problems of a runtime's objects. */
export const CHILD_PROBLEMS = {
  /** The API server rejects its content. */
  InvalidTemplate: { mayPass: false, advice: 'Correct spec.template or spec.image.' },
  Forbidden: { mayPass: false, advice: "Give the operator's account the right, or remove what forbids it." },
  /** Another owner has an object of this name. */
  NameTaken: { mayPass: false, advice: 'Delete or rename that object, or rename the runtime.' },
  NamespaceTerminating: { mayPass: true, advice: 'No object can be created in a namespace that is being deleted.' },
  /** The API server, or an admission webhook, fails. */
  ApplyFailed: {
    mayPass: true,
    advice: 'The operator keeps retrying: check the API server, and what the message names.',
  },
  /** An admission policy or another controller changes the object after each write. */
  Overwritten: {
    mayPass: true,
    advice: 'Find the admission policy or controller that changes it: kubectl get --show-managed-fields.',
  },
} as const;

export interface ChildProblem {
  readonly kind: string;
  readonly reason: keyof typeof CHILD_PROBLEMS;
  readonly message: string;
}

/** The API server answers 500 if an object does not match the schema of its kind; a retry does not help. */
const SCHEMA_ERROR = /^failed to create typed patch object \([^)]*\): /;
const NAMESPACE_TERMINATING = /because it is being terminated/;

/** Maps a refusal by the API server to a problem of a runtime's object. Pure. */
export function problemOf(kind: string, error: unknown): ChildProblem {
  const { message } = error as Error;
  if (error instanceof ApiError && SCHEMA_ERROR.test(message)) {
    return { kind, reason: 'InvalidTemplate', message: message.replace(SCHEMA_ERROR, '') };
  }
  if (isForbidden(error) && NAMESPACE_TERMINATING.test(message))
    return { kind, reason: 'NamespaceTerminating', message };
  if (isInvalid(error)) return { kind, reason: 'InvalidTemplate', message };
  if (isForbidden(error)) return { kind, reason: 'Forbidden', message };
  if (isConflict(error) || isAlreadyExists(error)) return { kind, reason: 'NameTaken', message };
  return { kind, reason: 'ApplyFailed', message };
}
