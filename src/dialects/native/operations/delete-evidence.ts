import { deleteEvidence } from '#core/verbs/delete-evidence.ts';
import { guarded } from '../operation.ts';
import { deleteEvidence as contract } from '../schemas/stored-evidence.ts';
import { showEvidenceState } from '../show-evidence.ts';

export const deleteEvidenceOperation = guarded(
  contract,
  { permission: 'evidence.delete', licence: [] },
  async ({ parameters: { sha256 }, body: { reason } }, { ports, principal }) =>
    showEvidenceState(await deleteEvidence(ports, principal, { sha256, reason })),
);
