import type { EndpointId } from '../endpoint/endpoint-id.ts';
import { type ScanStatus, scanStatusOf } from '../endpoint/scan-status.ts';
import type { Reader } from '../ports/store/store.ts';
import type { Milliseconds } from '../time.ts';

/** How the last scan of each of these endpoints went; those that never had one are left out. */
export async function lastScans(
  reader: Pick<Reader, 'tasks' | 'outcomes'>,
  endpoints: readonly EndpointId[],
  now: Milliseconds,
): Promise<ReadonlyMap<EndpointId, ScanStatus>> {
  const scans = await reader.tasks.latestScans(endpoints);
  const outcomes = await reader.outcomes.firstOf(scans.map(({ id }) => id));
  const ends = new Map(outcomes.map(({ taskId, outcome }) => [taskId, outcome]));
  return new Map(
    scans.map((task) => {
      const end = ends.get(task.id);
      return [task.endpointId, scanStatusOf(task, end === undefined ? [] : [end], now)];
    }),
  );
}
