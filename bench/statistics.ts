export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Milliseconds: the middle, and the extremes. */
export function spread(values: readonly number[]): string {
  const show = (value: number) => value.toFixed(0);
  return `median ${show(median(values))} ms (${show(Math.min(...values))}-${show(Math.max(...values))})`;
}
