import type { ActionId } from '../action/action-id.ts';
import type { IncidentId } from '../incident/incident-id.ts';
import type { Ports } from '../ports/ports.ts';
import type { EvidenceFilter, EvidenceRecord, EvidenceSource } from '../ports/store/evidence.ts';
import type { Listing, Page } from '../ports/store/page.ts';
import { hostNamesOf } from './host-names.ts';

export interface NamedSource extends EvidenceSource {
  /** Null where the endpoint's record was removed. */
  readonly hostName: string | null;
}

export interface ListedEvidence {
  readonly record: EvidenceRecord;
  /** Where it was fetched from, the newest first; at most `mostSources`. */
  readonly sources: readonly NamedSource[];
  readonly sourcesCount: number;
  /** The actions that brought or needed it: the newest, at most `mostActions`, the oldest of them first. */
  readonly actionIds: readonly ActionId[];
  readonly actionsCount: number;
  /** The incidents on hold that keep it. */
  readonly heldBy: readonly IncidentId[];
}

/** The same bytes may come from every endpoint of a fleet; how often they did is told. */
const mostSources = 100;
const mostActions = 100;

const none = { items: [], total: 0 };

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
      const sources = await evidence.sourcesOf(hashes, mostSources);
      const actions = await evidence.actionsOf(hashes, mostActions);
      const holds = Map.groupBy(await evidence.holdsOn(hashes), ({ sha256 }) => sha256);
      const names = await hostNamesOf(
        { endpoints },
        [...sources.values()].flatMap(({ items: some }) => some),
      );
      const listed = items.map((record) => {
        const from = sources.get(record.sha256) ?? none;
        const by = actions.get(record.sha256) ?? none;
        return {
          record,
          sources: from.items.map((one) => ({ ...one, hostName: names.get(one.endpointId) ?? null })),
          sourcesCount: from.total,
          actionIds: by.items.toReversed(),
          actionsCount: by.total,
          heldBy: (holds.get(record.sha256) ?? []).map(({ incidentId }) => incidentId),
        };
      });
      return { items: listed, total };
    },
    { search: true },
  );
}
