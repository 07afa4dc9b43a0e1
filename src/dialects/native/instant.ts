import type { Milliseconds } from '#core/time.ts';

/** RFC 3339 in UTC. */
export function instantOf(time: Milliseconds): string {
  return new Date(time).toISOString();
}

export function nullableInstantOf(time: Milliseconds | null): string | null {
  return time === null ? null : instantOf(time);
}
