import type { ActionId } from '../action/action-id.ts';
import type { IncidentId } from '../incident/incident-id.ts';
import type { Ports } from '../ports/ports.ts';
import type { EvidenceFilter, EvidenceRecord, EvidenceSource } from '../ports/store/evidence.ts';
import type { Listing, Page } from '../ports/store/page.ts';

export interface NamedSource extends EvidenceSource {
  /** Null where the endpoint's record was removed. */
  readonly hostName: string | null;
}

export interface ListedEvidence {
  readonly record: EvidenceRecord;
  /** Where it was fetched from, the newest first; at most `mostSources`. */
  readonly sources: readonly NamedSource[];
  readonly sourcesCount: number;
  /** The actions that brought or needed it. */
  readonly actionIds: readonly ActionId[];
  /** The incidents on hold that keep it. */
  readonly heldBy: readonly IncidentId[];
}

/** The same bytes may come from every endpoint of a fleet; how often they did is told. */
const mostSources = 100;

/** What was fetched, by its bytes, what was fetched last first. */
export function listEvidence(
  { store }: Pick<Ports, 'store'>,
  filter: EvidenceFilter,
  page: Page,
): Promise<Listing<ListedEvidence>> {
  return store.read(
    async ({ evidence, endpoints }) => {
      const { items, total } = await evidence.list(filter, page);
      const hashes = items.map(({ sha256 }) => sha256);
      const sources = Map.groupBy(await evidence.sourcesOf(hashes), ({ sha256 }) => sha256);
      const holds = Map.groupBy(await evidence.holdsOn(hashes), ({ sha256 }) => sha256);
      const shown = [...sources.values()].flatMap((some) => some.slice(0, mostSources));
      const known = await endpoints.byIds([...new Set(shown.map(({ endpointId }) => endpointId))]);
      const names = new Map(known.map(({ id, hostName }) => [id, hostName]));
      const listed = items.map((record) => {
        const all = sources.get(record.sha256) ?? [];
        return {
          record,
          sources: all.slice(0, mostSources).map((one) => ({ ...one, hostName: names.get(one.endpointId) ?? null })),
          sourcesCount: all.length,
          actionIds: [...new Set(all.toReversed().map(({ actionId }) => actionId))],
          heldBy: (holds.get(record.sha256) ?? []).map(({ incidentId }) => incidentId),
        };
      });
      return { items: listed, total };
    },
    { search: true },
  );
}
