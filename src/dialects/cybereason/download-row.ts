import type { FetchedFile } from '#core/verbs/fetched-files.ts';
import { lossOf } from '#core/verbs/lost-evidence.ts';
import { type DownloadState, stateWithoutOutcome } from './status.ts';

/**
 * One file in the list of downloads. `fileName` equals the File element's name, because
 * a client finds the batch by it. The vendor has no flag for a failure: `succeeded` is then false for good, and
 * `state`, `outcome` and `reason` stand beside it to tell that from a file that is still on its way. Of a file that changed
 * since it was indexed, `indexedHash` is what it had then. `initiatorUserName` is what the request said; where its sender was
 * somebody else, `startedBy` is who.
 */
export function downloadRow(file: FetchedFile): object {
  const { action, endpoint, record, outcome } = file;
  const state = stateOf(file);
  return {
    '@class': '.FetchFileProgress',
    batchId: action.batchNumber,
    actionType: 'FetchFile',
    ...initiatorOf(action),
    sizeInBytes: outcome?.size ?? record?.size ?? 0,
    fileName: file.name,
    machineName: endpoint?.hostName ?? '',
    hash: hashOf(file),
    ...indexedHash(file),
    startTime: action.createdAt,
    succeeded: state === 'Succeeded',
    state,
    ...(state === 'Failed' ? { outcome: outcome?.outcome ?? null, reason: reasonOf(file) } : {}),
  };
}

function initiatorOf({ principal, claimedInitiator }: FetchedFile['action']): object {
  return claimedInitiator === null
    ? { initiatorUserName: principal.name }
    : { initiatorUserName: claimedInitiator, startedBy: principal.name };
}

/** A file whose bytes are lost can be downloaded no more. */
function stateOf({ outcome, status, evidence }: FetchedFile): DownloadState {
  if (outcome === undefined) {
    return stateWithoutOutcome[status];
  }
  const isLost = evidence !== undefined && lossOf(evidence) !== undefined;
  return outcome.outcome === 'done' && !isLost ? 'Succeeded' : 'Failed';
}

/** SHA-1, the vendor's usual key; SHA-256 where the fetched bytes are not those whose SHA-1 inventory knows. */
function hashOf({ record, outcome }: FetchedFile): string {
  const fetched = outcome?.sha256 ?? null;
  return fetched === null || fetched === record?.sha256 ? (record?.sha1 ?? '') : fetched;
}

function indexedHash({ outcome }: FetchedFile): object {
  const indexed = outcome?.details.indexedSha256;
  return indexed === undefined ? {} : { indexedHash: indexed };
}

function reasonOf({ outcome, status, evidence }: FetchedFile): string {
  const loss = evidence && lossOf(evidence);
  if (loss !== undefined) {
    return loss.message;
  }
  if (outcome === undefined) {
    const overdue = status === 'expired' || status === 'timeout';
    return overdue ? 'The endpoint did not report before the deadline.' : 'The endpoint did not report on this file.';
  }
  return outcome.message === '' ? `The endpoint reported: ${outcome.outcome}.` : outcome.message;
}
