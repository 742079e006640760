import { ApiError, isAlreadyExists, isConflict, isForbidden, isInvalid } from '../kube/api-error.ts';

/** Why an object of a runtime is not what it should be. */
export const CHILD_PROBLEMS = {
  /** The API server does not take it for what is in it. */
  InvalidTemplate: { mayPass: false, advice: 'Correct spec.template or spec.image.' },
  Forbidden: { mayPass: false, advice: "Give the operator's account the right, or remove what forbids it." },
  /** An object of that name is somebody else's. */
  NameTaken: { mayPass: false, advice: 'Delete or rename that object, or give the runtime another name.' },
  NamespaceTerminating: { mayPass: true, advice: 'Nothing can be made in a namespace that is being deleted.' },
  /** The API server fails, or an admission webhook that it asks. */
  ApplyFailed: { mayPass: true, advice: 'The operator goes on trying: look at the API server, and at what it names.' },
  /** It is written, and is another again: an admission policy or a controller changes it. */
  Overwritten: {
    mayPass: true,
    advice: 'Find what changes it, an admission policy or another controller: kubectl get --show-managed-fields.',
  },
} as const;

export interface ChildProblem {
  readonly kind: string;
  readonly reason: keyof typeof CHILD_PROBLEMS;
  readonly message: string;
}

/** The API server answers 500 where an object does not fit the schema of its kind, which trying again does not mend. */
const SCHEMA_ERROR = /^failed to create typed patch object \([^)]*\): /;
const NAMESPACE_TERMINATING = /because it is being terminated/;

/** What a refusal by the API server means for an object of a runtime. Pure. */
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
