/** Microseconds of the monotonic clock, which all processes of a machine share. */
export const monotonicMicroseconds = (): number => Number(process.hrtime.bigint() / 1000n);
