/** Microseconds of the monotonic clock, which the processes of a machine share. Nobody sets it. */
export const monotonicMicroseconds = (): number => Number(process.hrtime.bigint() / 1000n);
