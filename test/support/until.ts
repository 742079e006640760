/** Timers as they are before a test replaces them. */
const { setTimeout, setImmediate } = globalThis;
const now = (): number => Number(process.hrtime.bigint() / 1_000_000n);

export interface Patience {
  /** Default: half a minute, for a machine whose cores are busy. */
  readonly withinMs?: number;
  /** 0: at each turn of the event loop, for a state that does not last. */
  readonly everyMs?: number;
  /** Additional text of the error. */
  readonly why?: () => string | Promise<string>;
}

/** What a probe finds; of a condition, nothing. */
type Found<T> = T extends boolean ? undefined : Exclude<T, undefined>;

const WITHIN_MS = 30_000;
const EVERY_MS = 10;

/** Polls until `probe` returns something other than undefined or false, and returns that. Throws afterwards, with `what`. */
export async function until<T>(
  what: string,
  probe: () => T | Promise<T>,
  { withinMs = WITHIN_MS, everyMs = EVERY_MS, why = () => '' }: Patience = {},
): Promise<Found<T>> {
  for (const deadline = now() + withinMs; ; ) {
    const found = await probe();
    if (found !== undefined && found !== false) return found as Found<T>;
    if (now() >= deadline) throw new Error([`waited ${withinMs / 1000} s for ${what}`, await why()].join('\n').trim());
    await new Promise<void>((resolve) => void (everyMs === 0 ? setImmediate(resolve) : setTimeout(resolve, everyMs)));
  }
}

/** Retries assertions until they pass, and returns their value. Throws the last failure afterwards. */
export async function eventually<T>(assert: () => T | Promise<T>, withinMs = WITHIN_MS): Promise<T> {
  let failure: unknown;
  const attempt = async (): Promise<{ readonly value: T } | undefined> => {
    try {
      return { value: await assert() };
    } catch (error) {
      failure = error;
      return undefined;
    }
  };
  try {
    return (await until('assertions to pass', attempt, { withinMs, everyMs: 50 })).value;
  } catch {
    (failure as Error).message = `still so after ${withinMs / 1000} s: ${(failure as Error).message}`;
    throw failure;
  }
}

/** Checks that assertions keep passing for a while. */
export async function always(assert: () => void | Promise<void>, forMs: number): Promise<void> {
  for (const deadline = now() + forMs; now() < deadline; await new Promise((resolve) => setTimeout(resolve, 50))) {
    await assert();
  }
}
