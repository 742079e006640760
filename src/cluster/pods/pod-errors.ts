import { REFUSAL_STATUS, type Refusal, type RefusalCode } from '../../api/pod-protocol.ts';

/** The pod answered with a refusal. */
export class PodRefusal extends Error {
  override readonly name = 'PodRefusal';
  readonly code: RefusalCode;
  readonly bootID: string;

  constructor({ code, message, bootID }: Refusal) {
    super(message);
    this.code = code;
    this.bootID = bootID;
  }
}

/** No readable answer arrived: the request may have taken effect. */
export class PodUnreachable extends Error {
  override readonly name = 'PodUnreachable';
  /** No connection was established: the pod has not received the request. */
  readonly neverSent: boolean;

  constructor(message: string, { neverSent = false }: { neverSent?: boolean } = {}) {
    super(message);
    this.neverSent = neverSent;
  }
}

/** An answer of an unknown kind arrived: the request may have taken effect. A retry gives no better answer. */
export class PodUnreadable extends PodUnreachable {
  /** The answer exceeds the limit of its kind. */
  readonly isTooLarge: boolean;

  constructor(message: string, { isTooLarge = false }: { isTooLarge?: boolean } = {}) {
    super(message);
    this.isTooLarge = isTooLarge;
  }
}

/** The error of an answer that tells no success. A refusal is believed only where its code and its status go together: anything else says nothing of what was done. */
export function refusalOf(status: number, text: string): Error {
  try {
    const { code, message, bootID } = JSON.parse(text) as Refusal;
    if (Object.hasOwn(REFUSAL_STATUS, code) && REFUSAL_STATUS[code] === status && code !== 'InternalError') {
      return new PodRefusal({ code, message: String(message).slice(0, 1000), bootID: String(bootID) });
    }
  } catch {
    // said below
  }
  return new PodUnreachable(`the pod answered ${status}`);
}
