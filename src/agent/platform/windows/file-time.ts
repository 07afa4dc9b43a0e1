/** 1601-01-01 to 1970-01-01, in the 100 ns steps that Windows counts in. */
const stepsTo1970 = 116_444_736_000_000_000n;
const nanosecondsPerStep = 100n;

/** A FILETIME as nanoseconds since 1970; negative before. */
export function fromFileTime(steps: bigint): bigint {
  return (steps - stepsTo1970) * nanosecondsPerStep;
}

/**
 * Nanoseconds since 1970 as a FILETIME, rounded down to the 100 ns that Windows keeps.
 * @throws RangeError before 1601, and for 1601 itself, which `NtSetInformationFile` reads as "leave it as it is".
 */
export function toFileTime(nanoseconds: bigint): bigint {
  const rest = ((nanoseconds % nanosecondsPerStep) + nanosecondsPerStep) % nanosecondsPerStep;
  const steps = (nanoseconds - rest) / nanosecondsPerStep + stepsTo1970;
  if (steps <= 0n) {
    throw new RangeError('Windows keeps no time before 1601.');
  }
  return steps;
}
