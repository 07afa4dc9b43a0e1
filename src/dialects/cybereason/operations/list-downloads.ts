import { type FetchedFile, fetchedFiles } from '#core/verbs/fetched-files.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { oldestStart } from '../batch.ts';
import { downloadRow } from '../download-row.ts';
import { replyWrapped } from '../reply.ts';

const mostBatches = 10_000;

/**
 * `GET /rest/fetchfile/downloads/progress`: the caller's own files that were asked for and not yet downloaded, newest
 * batch first, because a client takes the first row that has the name it looks for.
 */
export const listDownloads: GuardedOperation = {
  method: 'GET',
  paths: ['/rest/fetchfile/downloads/progress'],
  access: { permission: 'actions.read', licence: [] },
  async run({ ports, principal }) {
    const open = { verbs: ['fetch'], principalId: principal.id, openBatches: true } as const;
    const batches = await ports.store.read(({ actions }) =>
      actions.list({ ...open, createdFrom: oldestStart(ports) }, { offset: 0, limit: mostBatches }),
    );
    const files = await fetchedFiles(ports, batches.items);
    const rows = files.filter(isNotDelivered).map(downloadRow);
    return replyWrapped({ data: rows, status: 'SUCCESS', message: '' });
  },
};

/** A file that failed can never be downloaded; its row stays until the batch is closed or expires. */
function isNotDelivered({ outcome }: FetchedFile): boolean {
  return outcome?.outcome !== 'done' || outcome.deliveredAt === null;
}
