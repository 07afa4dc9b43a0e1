import { listEvidence } from '#core/verbs/list-evidence.ts';
import { guarded } from '../operation.ts';
import { listEvidence as contract } from '../schemas/stored-evidence.ts';
import { showEvidence } from '../show-evidence.ts';

/** Bytes are nobody's: whose they are, only the files say. */
export const listEvidenceOperation = guarded(
  contract,
  { permission: 'evidence.download', licence: [], reach: 'fleet' },
  async ({ query: { state, sha256, pathContains, offset, limit } }, { ports }) => {
    const filter = {
      ...(state && { states: state }),
      ...(sha256 && { sha256 }),
      ...(pathContains !== undefined && { pathContains }),
    };
    const listing = await listEvidence(ports, filter, { offset, limit });
    return { items: listing.items.map(showEvidence), total: listing.total };
  },
);
