const nanosecondsPerSecond = 1_000_000_000n;

/** Seconds and a never negative rest, also before 1970, as every Unix wants its `struct timespec`. */
export function toTimespec(nanoseconds: bigint): readonly [bigint, bigint] {
  const rest = ((nanoseconds % nanosecondsPerSecond) + nanosecondsPerSecond) % nanosecondsPerSecond;
  return [(nanoseconds - rest) / nanosecondsPerSecond, rest];
}

export function fromTimespec(seconds: bigint, nanoseconds: bigint): bigint {
  return seconds * nanosecondsPerSecond + nanoseconds;
}
