import { instantOf } from '../instant.ts';
import { guarded } from '../operation.ts';
import { quarantineFilterOf } from '../quarantine-filter.ts';
import { listQuarantinedHashes } from '../schemas/quarantine.ts';

export const listQuarantinedHashesOperation = guarded(
  listQuarantinedHashes,
  { permission: 'files.read', licence: [] },
  async ({ query: { offset, limit, ...asked } }, { ports }) => {
    const page = { offset, limit };
    const { items, total } = await ports.store.read(
      ({ quarantine }) => quarantine.contents(quarantineFilterOf(asked), page),
      { search: true },
    );
    return {
      items: items.map(({ objects, endpoints, paths, samplePath, firstQuarantinedAt, lastQuarantinedAt, ...rest }) => ({
        ...rest,
        ...objects,
        ...{ endpointsCount: endpoints, pathsCount: paths, path: samplePath },
        firstQuarantinedAt: instantOf(firstQuarantinedAt),
        lastQuarantinedAt: instantOf(lastQuarantinedAt),
      })),
      total,
    };
  },
);
