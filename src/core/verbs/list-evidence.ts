import type { ActionId } from '../action/action-id.ts';
import type { IncidentId } from '../incident/incident-id.ts';
import type { Ports } from '../ports/ports.ts';
import type { EvidenceFilter, EvidenceRecord } from '../ports/store/evidence.ts';
import type { Listing, Page } from '../ports/store/page.ts';

export interface ListedEvidence {
  readonly record: EvidenceRecord;
  /** The actions that brought or needed it. */
  readonly actionIds: readonly ActionId[];
  /** The incidents on hold that keep it. */
  readonly heldBy: readonly IncidentId[];
}

/** What was fetched, by its bytes, what was fetched last first. */
export function listEvidence(
  { store }: Pick<Ports, 'store'>,
  filter: EvidenceFilter,
  page: Page,
): Promise<Listing<ListedEvidence>> {
  return store.read(async ({ evidence }) => {
    const { items, total } = await evidence.list(filter, page);
    const hashes = items.map(({ sha256 }) => sha256);
    const claims = Map.groupBy(await evidence.claimsOf(hashes), ({ sha256 }) => sha256);
    const holds = Map.groupBy(await evidence.holdsOn(hashes), ({ sha256 }) => sha256);
    const listed = items.map((record) => ({
      record,
      actionIds: [...new Set((claims.get(record.sha256) ?? []).map(({ actionId }) => actionId))],
      heldBy: (holds.get(record.sha256) ?? []).map(({ incidentId }) => incidentId),
    }));
    return { items: listed, total };
  });
}
