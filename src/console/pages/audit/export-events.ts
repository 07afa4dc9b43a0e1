import type { CustodyEvent } from '#sdk/follow-events.ts';
import { client } from '../../app/client.ts';
import { csvFile } from '../../kit/csv.ts';
import type { EventFilter } from './search.ts';

/** More than anybody reads, and less than a browser's page can hold. */
export const mostExported = 50_000;
const pageRows = 1_000;

interface Reading {
  readonly signal: AbortSignal;
  onRead(count: number): void;
}

export interface ReadEvents {
  readonly events: readonly CustodyEvent[];
  /** There are more, which were left out. */
  readonly isCut: boolean;
}

/** Everything that a filter leaves, newest first, up to the bound. @throws ApiError */
export async function readEvents(filter: EventFilter, { signal, onRead }: Reading): Promise<ReadEvents> {
  const events: CustodyEvent[] = [];
  let before = Number.MAX_SAFE_INTEGER;
  while (events.length < mostExported && !signal.aborted) {
    const { items } = await client.listEvents({ ...filter, direction: 'descending', before, limit: pageRows });
    events.push(...items);
    onRead(events.length);
    if (items.length < pageRows) {
      return { events, isCut: false };
    }
    before = items.at(-1)?.sequence ?? 0;
  }
  return { events, isCut: true };
}

const columns = ['number', 'type', 'at', 'actor_kind', 'actor_id', 'actor', 'action', 'endpoint', 'incident', 'facts'];

/** As a table for spreadsheets. */
export function csvOf(events: readonly CustodyEvent[]): Blob {
  const rows = events.map(({ sequence, type, at, actor, actionId, endpointId, incidentId, facts }) => [
    ...[String(sequence), type, at, actor.kind, actor.id, actor.name],
    ...[actionId ?? '', endpointId ?? '', incidentId ?? '', JSON.stringify(facts)],
  ]);
  return csvFile([columns, ...rows]);
}
