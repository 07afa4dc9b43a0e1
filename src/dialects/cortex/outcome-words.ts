import type { FileOutcome } from '#core/action/action.ts';
import type { Outcome, OutcomeReason } from '#core/outcome.ts';

/**
 * How a file's task ended, for people. Our own words, not the agent's: those may hold a word that a connector takes for
 * a failure of the call itself.
 */
const outcomeWords: Readonly<Record<Outcome, string>> = {
  done: 'Done.',
  already_done: 'There was nothing left to do.',
  not_found: 'There is no such file on the endpoint.',
  hash_mismatch: 'The file on the endpoint has another hash; it was left as it is.',
  in_use: 'The file is in use.',
  conflict: "Something else stands at the file's place; nothing was overwritten.",
  parent_missing: 'The directory of the file is gone.',
  no_space: 'There is no room left on the endpoint.',
  access_denied: 'The agent may not do this to the file.',
  unsupported: 'The agent cannot do this to a file of this kind.',
  too_large: 'The file is larger than evidence storage takes.',
  refused: 'The agent refused.',
  expired: 'The order was not carried out before its deadline.',
  cancelled: 'The order was withdrawn.',
  interrupted: 'The work was interrupted.',
  agent_error: 'The agent met an unexpected difficulty; its log has the details.',
};

const reasonWords: Readonly<Record<OutcomeReason, string>> = {
  immutable: 'the file is marked immutable',
  read_only: 'the file system is read-only',
  unsafe_path: 'a link in the path may not be followed',
  not_permitted: 'the user that the agent runs as may not',
  special_file: 'it is no regular file',
  mount_dead: 'the mount does not answer',
  changed_during_capture: 'the file changed meanwhile',
  protected_file: 'the file is protected',
  occupied: 'the name is taken',
  vault_damaged: 'the copy in the vault is damaged',
  upload_failed: 'its bytes did not reach the server',
  deadline_passed: 'the deadline passed',
  agent_restarted: 'the agent restarted',
  order_rejected: 'the agent rejected the order',
  withdrawn: 'it was withdrawn',
  not_approved: 'no second person approved it',
  superseded: 'superseded by a newer restore',
  denied_by_policy: "the endpoint's own policy denies it",
  vault_full: "the endpoint's vault is full",
  parent_changed: 'its directory is not the one that it was taken from',
  platform: 'the agent for this operating system does not do this',
};

export function describeOutcome({ outcome, reason }: Pick<FileOutcome, 'outcome' | 'reason'>): string {
  const isSaid = reason === null || (outcome === 'cancelled' && reason === 'withdrawn');
  return isSaid ? outcomeWords[outcome] : `${outcomeWords[outcome].slice(0, -1)} (${reasonWords[reason]}).`;
}
