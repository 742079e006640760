import type { RefusalCode } from '../../api/pod-protocol.ts';

/** A request that the pod refuses, and why. */
export class RefusalError extends Error {
  override readonly name = 'RefusalError';
  readonly code: RefusalCode;
  /** With StaleEpoch: the newest epoch. */
  readonly epoch: number | undefined;

  constructor(code: RefusalCode, message: string, epoch?: number) {
    super(message);
    this.code = code;
    this.epoch = epoch;
  }
}
