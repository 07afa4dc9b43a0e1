import type { Client } from '#sdk/client.ts';
import type { Worded } from './statuses.ts';

export type ActionDetails = Awaited<ReturnType<Client['readAction']>>;
export type ActionTask = ActionDetails['tasks'][number];
export type FileOutcome = ActionTask['files'][number];
type Outcome = FileOutcome['outcome'];

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
