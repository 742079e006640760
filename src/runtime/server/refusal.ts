import type { RefusalCode } from '../../api/pod-protocol.ts';

/** A request that the pod will not serve, and why. */
export class RefusalError extends Error {
  readonly code: RefusalCode;

  constructor(code: RefusalCode, message: string) {
    super(message);
    this.code = code;
  }
}
