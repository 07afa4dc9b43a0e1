import { randomUUID } from 'node:crypto';
import { vaultObjectIdSchema } from '#core/file/vault-object-id.ts';
import type { Order } from '#wire/order.ts';
import type { Report, ReportedFile } from '#wire/report.ts';

/** What a simulated agent says it did: every quarantine done, nothing else found. */
export function cannedReport(order: Order): Report {
  const { endpointId, actionId, taskId } = order;
  const now = order.issuedAt;
  return { v: 1, endpointId, actionId, taskId, startedAt: now, finishedAt: now, files: cannedFiles(order) };
}

function cannedFiles({ parameters }: Order): ReportedFile[] {
  const common = { reason: null, message: '', size: 4_096, effect: null, losses: [], details: {} };
  switch (parameters.verb) {
    case 'fetch':
      return parameters.files.map(({ path }, ordinal) => ({
        ...common,
        ordinal,
        outcome: 'not_found',
        path,
        sha256: null,
        vaultObject: null,
      }));
    case 'quarantine': {
      const vaultObject = vaultObjectIdSchema.parse(randomUUID());
      const { path, sha256 } = parameters;
      return [{ ...common, ordinal: 0, outcome: 'done', path, sha256, vaultObject, effect: 'taken' }];
    }
    case 'restore':
    case 'purge':
      return [
        { ...common, ordinal: 0, outcome: 'not_found', path: null, sha256: parameters.sha256, vaultObject: null },
      ];
    case 'restore_objects':
    case 'undo':
    case 'plan':
    case 'logs':
    case 'search':
    case 'scan':
      return [{ ...common, ordinal: 0, outcome: 'done', path: null, sha256: null, size: null, vaultObject: null }];
  }
}
