import type { z } from 'zod';
import type { EvidenceRecord } from '#core/ports/store/evidence.ts';
import type { ListedEvidence } from '#core/verbs/list-evidence.ts';
import { instantOf, nullableInstantOf } from './instant.ts';
import type { evidenceState, listEvidence } from './schemas/stored-evidence.ts';

type ShownState = z.input<typeof evidenceState>;

export function showEvidenceState({ storedAt, damagedAt, deletion }: EvidenceRecord): ShownState {
  return {
    state: stateOf({ damagedAt, deletion }),
    storedAt: instantOf(storedAt),
    damagedAt: nullableInstantOf(damagedAt),
    deletion: deletion && {
      at: instantOf(deletion.at),
      rule: deletion.rule,
      reason: deletion.reason,
      by: { kind: deletion.by.kind, id: deletion.by.id, name: deletion.by.name },
      erasedAt: nullableInstantOf(deletion.erasedAt),
    },
  };
}

function stateOf({ damagedAt, deletion }: Pick<EvidenceRecord, 'damagedAt' | 'deletion'>): ShownState['state'] {
  if (deletion !== null) {
    return 'deleted';
  }
  return damagedAt === null ? 'kept' : 'damaged';
}

export function showEvidence(listed: ListedEvidence): z.input<typeof listEvidence.reply>['items'][number] {
  const { record, sources, sourcesCount, actionIds, actionsCount, heldBy } = listed;
  return {
    ...showEvidenceState(record),
    sha256: record.sha256,
    size: record.size,
    wantedAt: instantOf(record.wantedAt),
    sources: sources.map(({ actionId, taskId, ordinal, endpointId, hostName, displayPath, incidentId, at }) => ({
      ...{ actionId, taskId, ordinal, endpointId, hostName, incidentId },
      path: displayPath,
      at: instantOf(at),
    })),
    sourcesCount,
    actionIds: [...actionIds],
    actionsCount,
    heldBy: [...heldBy],
  };
}
