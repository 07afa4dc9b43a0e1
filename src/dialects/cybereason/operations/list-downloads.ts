import type { Action } from '#core/action/action.ts';
import type { Ports } from '#core/ports/ports.ts';
import { type FetchedFile, fetchedFiles } from '#core/verbs/fetched-files.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { oldestStart } from '../batch.ts';
import { downloadRow } from '../download-row.ts';
import { replyWrapped } from '../reply.ts';

/** What one answer may hold, and what is in memory for it at once. */
const mostBatches = 10_000;
const mostRows = 20_000;
const batchesAtOnce = 50;

/**
 * `GET /rest/fetchfile/downloads/progress`: the caller's own files that were asked for and not yet downloaded, newest
 * batch first, because a client takes the first row that has the name it looks for.
 */
export const listDownloads: GuardedOperation = {
  method: 'GET',
  paths: ['/rest/fetchfile/downloads/progress'],
  access: { permission: 'files.fetch', licence: [] },
  async run({ ports, principal }) {
    const open = { verbs: ['fetch'], principalId: principal.id, openBatches: true, undelivered: true } as const;
    const batches = await ports.store.read(
      ({ actions }) => actions.list({ ...open, createdFrom: oldestStart(ports) }, { offset: 0, limit: mostBatches }),
      { search: true },
    );
    const { files, isWhole } = await undelivered(ports, batches.items);
    const message =
      isWhole && batches.total <= mostBatches
        ? ''
        : `Only the newest ${files.length} files are listed. Download or close batches to see the others.`;
    return replyWrapped({ data: files.map(downloadRow), status: 'SUCCESS', message });
  },
};

interface Undelivered {
  readonly files: readonly FetchedFile[];
  readonly isWhole: boolean;
}

/** The batches' files that no client has, of as many batches as fit into an answer; the first one is there in any case. */
async function undelivered(ports: Pick<Ports, 'store' | 'clock'>, batches: readonly Action[]): Promise<Undelivered> {
  const files: FetchedFile[] = [];
  for (let start = 0; start < batches.length; start += batchesAtOnce) {
    if (files.length >= mostRows) {
      return { files, isWhole: false };
    }
    const some = await fetchedFiles(ports, batches.slice(start, start + batchesAtOnce));
    for (const file of some) {
      if (isNotDelivered(file)) {
        files.push(file);
      }
    }
  }
  return { files, isWhole: true };
}

/** A file that failed can never be downloaded; its row stays until the batch is closed or expires. */
function isNotDelivered({ outcome }: FetchedFile): boolean {
  return outcome?.outcome !== 'done' || outcome.deliveredAt === null;
}
