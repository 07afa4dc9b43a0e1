import type { Outcome, OutcomeReason } from '#core/outcome.ts';
import type { RowFailure } from '#core/remediation/remediation.ts';
import type { LogError } from '#core/remediation/remediation-log.ts';
import { inVendorWords } from '../vendor-words.ts';

/** Why a row did not succeed, as clients read it. */
export interface ErrorObject {
  readonly message: string;
  readonly errorType: string;
}

type Failure = Exclude<Outcome, 'done' | 'already_done'>;

/** `INVALID_ARGUMENT` is the vendor's; no recording has another one. */
const typeOfRow: Record<RowFailure, string> = {
  invalid_target: 'INVALID_ARGUMENT',
  unsupported: 'UNSUPPORTED',
  conflict: 'CONFLICT',
  refused: 'REFUSED',
};

const ofFile: Record<Failure, ErrorObject> = {
  not_found: { errorType: 'NOT_FOUND', message: 'The file is not there.' },
  hash_mismatch: { errorType: 'HASH_MISMATCH', message: 'The file has other bytes now, and was left alone.' },
  in_use: { errorType: 'IN_USE', message: 'The file is in use.' },
  conflict: { errorType: 'CONFLICT', message: 'Another file stands where this one was.' },
  parent_missing: { errorType: 'PARENT_MISSING', message: 'The directory of the file is not there any more.' },
  no_space: { errorType: 'NO_SPACE', message: 'There is not enough space.' },
  access_denied: { errorType: 'ACCESS_DENIED', message: 'The agent may not do this to the file.' },
  unsupported: { errorType: 'UNSUPPORTED', message: 'The agent cannot do this to the file.' },
  too_large: { errorType: 'TOO_LARGE', message: 'The file is too large.' },
  refused: { errorType: 'REFUSED', message: 'The agent refused.' },
  expired: { errorType: 'EXPIRED', message: 'The machine did not report before the deadline.' },
  cancelled: { errorType: 'ABORTED', message: 'It was aborted before the machine began.' },
  interrupted: { errorType: 'INTERRUPTED', message: 'The agent was interrupted.' },
  agent_error: { errorType: 'AGENT_ERROR', message: 'The agent failed.' },
};

const reasons: Record<OutcomeReason, string> = {
  immutable: 'It is immutable.',
  read_only: 'Its file system is read-only.',
  unsafe_path: 'Its path leads over something that others may change.',
  not_permitted: 'The operating system did not permit it.',
  special_file: 'It is no regular file.',
  mount_dead: 'Its file system does not answer.',
  changed_during_capture: 'It changed meanwhile.',
  protected_file: 'The agent protects this file.',
  occupied: 'Its place is taken.',
  vault_damaged: 'What the vault holds of it is damaged.',
  upload_failed: 'It could not be sent.',
  deadline_passed: 'The deadline has passed.',
  agent_restarted: 'The agent was started anew.',
  order_rejected: 'The agent did not accept the order.',
  withdrawn: 'The order was withdrawn.',
  not_approved: 'No second person approved it.',
  superseded: 'The order was superseded by a newer restore.',
  denied_by_policy: "The machine's own policy forbids it.",
  vault_full: 'The vault is full.',
  parent_changed: 'Its directory is another one now.',
  platform: 'The agent for this operating system does not do it.',
};

export function errorObject(error: LogError): ErrorObject {
  if (error.kind === 'row') {
    return { message: inVendorWords(error.message), errorType: typeOfRow[error.failure] };
  }
  const { errorType, message } = ofFile[error.outcome];
  const words = [message, error.reason === null ? '' : reasons[error.reason], error.message];
  return { message: words.filter((each) => each.trim() !== '').join(' '), errorType };
}
