import { now } from '../../kit/clock.ts';

export const hour = 3_600_000;
const day = 24 * hour;

/** So many days ago, to the hour, so that what is asked stays the same for a while. ISO 8601 */
export function daysAgo(days: number): string {
  return new Date(Math.floor(now() / hour) * hour - days * day).toISOString();
}
