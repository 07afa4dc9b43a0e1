import { previewQuarantine as preview } from '#core/verbs/preview-quarantine.ts';
import { guarded } from '../operation.ts';
import { previewQuarantine } from '../schemas/quarantine.ts';
import { showPreview } from '../show-preview.ts';

export const previewQuarantineOperation = guarded(
  previewQuarantine,
  { permission: 'files.read', licence: [] },
  async ({ body: { sha256, searchId } }, { ports, principal }) =>
    showPreview(await preview(ports, { principal, dialect: 'native', sha256, searchId })),
);
