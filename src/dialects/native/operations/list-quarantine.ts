import type { z } from 'zod';
import type { QuarantineRecord } from '#core/file/quarantine-record.ts';
import { hostNamesOf } from '#core/verbs/host-names.ts';
import { instantOf, nullableInstantOf } from '../instant.ts';
import { guarded } from '../operation.ts';
import { quarantineFilterOf } from '../quarantine-filter.ts';
import { listQuarantine } from '../schemas/quarantine.ts';

export const listQuarantineOperation = guarded(
  listQuarantine,
  { permission: 'files.read', licence: [] },
  async ({ query: { vaultObject, offset, limit, ...asked } }, { ports }) => {
    const filter = { ...quarantineFilterOf(asked), ...(vaultObject && { vaultObjects: vaultObject }) };
    return ports.store.read(
      async ({ quarantine, endpoints }) => {
        const { items, total } = await quarantine.list(filter, { offset, limit });
        const names = await hostNamesOf({ endpoints }, items);
        return { items: items.map((record) => show(record, names.get(record.endpointId) ?? null)), total };
      },
      { search: true },
    );
  },
);

function show(
  record: QuarantineRecord,
  hostName: string | null,
): z.input<typeof listQuarantine.reply>['items'][number] {
  return {
    vaultObject: record.vaultObject,
    endpointId: record.endpointId,
    hostName,
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
