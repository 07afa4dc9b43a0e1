import type { Client } from '#sdk/client.ts';
import type { Worded } from './statuses.ts';

export type ActionDetails = Awaited<ReturnType<Client['readAction']>>;
export type ActionTask = ActionDetails['tasks'][number];
export type FileOutcome = ActionTask['files'][number];
type Outcome = FileOutcome['outcome'];

/** Whether an agent has, or may have, the order. */
export function hasBegun({ state }: Pick<ActionTask, 'state'>): boolean {
  return state === 'sent' || state === 'running' || state === 'cancelling';
}

/**
 * Whether a quarantine may have taken something there that no record of a vault tells of: a file of which an attempt did not end for
 * certain, or an order that left and was not answered.
 */
export function mayHaveTaken(task: ActionTask): boolean {
  return [task, ...task.earlier].some(
    (attempt) =>
      hasBegun(attempt) ||
      attempt.state === 'expired' ||
      attempt.files.some(({ outcome }) => !certainOutcomes.includes(outcome)),
  );
}

/** After these a file is where it was, or the vault has a record of it. */
const certainOutcomes: readonly Outcome[] = [
  ...(['done', 'already_done', 'not_found', 'hash_mismatch', 'parent_missing'] as const),
  ...(['unsupported', 'too_large', 'refused', 'expired', 'cancelled'] as const),
];

/** How a file ended, in plain words. Total. */
export const outcomeWords: Readonly<Record<Outcome, Worded>> = {
  done: { label: 'Done', tone: 'good' },
  already_done: { label: 'Was so already', tone: 'good' },
  not_found: { label: 'No such file', tone: 'mute' },
  hash_mismatch: { label: 'The file has changed', tone: 'bad' },
  in_use: { label: 'In use', tone: 'bad' },
  conflict: { label: 'Its place is taken', tone: 'bad' },
  parent_missing: { label: 'Its folder is gone', tone: 'bad' },
  no_space: { label: 'No room', tone: 'bad' },
  access_denied: { label: 'Access denied', tone: 'bad' },
  unsupported: { label: 'Not possible there', tone: 'bad' },
  too_large: { label: 'Too large', tone: 'bad' },
  refused: { label: 'Refused by the endpoint', tone: 'bad' },
  expired: { label: 'Expired', tone: 'bad' },
  cancelled: { label: 'Cancelled', tone: 'mute' },
  interrupted: { label: 'Interrupted', tone: 'bad' },
  agent_error: { label: 'Fault of the agent', tone: 'bad' },
};

type Reason = NonNullable<FileOutcome['reason']>;

/** The narrower cause, in plain words. Total. */
export const reasonWords: Readonly<Record<Reason, string>> = {
  immutable: 'The file is marked as not to be changed.',
  read_only: 'It is on a file system that cannot be written to.',
  unsafe_path: 'Somebody other than root could have led the agent elsewhere on that path.',
  not_permitted: 'The operating system does not let the agent do this.',
  special_file: 'It is no ordinary file.',
  mount_dead: 'The file system that it is on does not answer.',
  changed_during_capture: 'It was being written to, and did not come to rest.',
  protected_file: 'The endpoint needs this file to run.',
  occupied: 'Something else has its name now.',
  vault_damaged: 'What the vault holds is not what went in.',
  upload_failed: 'The bytes did not reach the server.',
  deadline_passed: 'The deadline passed.',
  agent_restarted: 'The agent was started anew in between.',
  order_rejected: 'The agent did not take the order.',
  withdrawn: 'The order was withdrawn.',
  not_approved: 'It was not approved.',
  superseded: 'A newer order asks for the opposite.',
  denied_by_policy: 'A rule of the endpoint’s owner forbids it; no server can override that.',
  vault_full: 'The endpoint’s vault is full.',
  parent_changed: 'Its folder is not the one that it was taken from.',
  platform: 'The agent for this operating system does not do this.',
};
