import type { z } from 'zod';
import type { QuarantineRecord } from '#core/file/quarantine-record.ts';
import { instantOf, nullableInstantOf } from '../instant.ts';
import { guarded } from '../operation.ts';
import { listQuarantine } from '../schemas/quarantine.ts';

export const listQuarantineOperation = guarded(
  listQuarantine,
  { permission: 'files.read', licence: [] },
  async ({ query: { endpointId, sha256, vaultObject, state, offset, limit } }, { ports }) => {
    const filter = {
      ...(endpointId && { endpointIds: endpointId }),
      ...(sha256 && { sha256 }),
      ...(vaultObject && { vaultObjects: vaultObject }),
      ...(state && { states: state }),
    };
    const listing = await ports.store.read(({ quarantine }) => quarantine.list(filter, { offset, limit }));
    return { items: listing.items.map(show), total: listing.total };
  },
);

function show(record: QuarantineRecord): z.input<typeof listQuarantine.reply>['items'][number] {
  return {
    vaultObject: record.vaultObject,
    endpointId: record.endpointId,
    guid: record.fileGuid,
    quarantineGuid: record.guid,
    path: record.displayPath,
    sha256: record.sha256,
    size: record.size,
    state: record.state,
    actionId: record.actionId,
    quarantinedAt: instantOf(record.quarantinedAt),
    restoredAt: nullableInstantOf(record.restoredAt),
    restoredBy: record.restoredBy,
    damagedAt: nullableInstantOf(record.damagedAt),
  };
}
