import type { Client } from '#sdk/client.ts';
import type { Tone } from '../kit/badge.tsx';
import type { Permission } from './permissions.ts';

export type Action = Awaited<ReturnType<Client['listActions']>>['items'][number];
export type ActionStatus = Action['status'];
export type ActionVerb = Action['verb'];

export interface Worded {
  readonly label: string;
  readonly tone: Tone;
}

/** Total: a new status does not compile until it has words. */
export const statusWords: Readonly<Record<ActionStatus, Worded>> = {
  held: { label: 'Waits for approval', tone: 'wait' },
  pending: { label: 'Pending', tone: 'wait' },
  in_progress: { label: 'In progress', tone: 'busy' },
  completed_successfully: { label: 'Completed', tone: 'good' },
  completed_partial: { label: 'Partly done', tone: 'bad' },
  failed: { label: 'Failed', tone: 'bad' },
  cancelling: { label: 'Stopping', tone: 'busy' },
  cancelled: { label: 'Cancelled', tone: 'mute' },
  aborted: { label: 'Aborted', tone: 'mute' },
  expired: { label: 'Expired', tone: 'bad' },
  timeout: { label: 'Timed out', tone: 'bad' },
};

export const verbWords: Readonly<Record<ActionVerb, string>> = {
  fetch: 'Fetch files',
  quarantine: 'Quarantine',
  restore: 'Restore',
  restore_objects: 'Planned restore',
  plan: 'Plan of a restore',
  undo: 'Undo',
  purge: 'Delete from vaults',
  search: 'Live search',
  logs: 'Agent logs',
  scan: 'Scan',
};

export const verbs = Object.keys(verbWords).filter((verb): verb is ActionVerb => verb in verbWords);

/** Whatever is not over yet. */
const openStatuses: readonly ActionStatus[] = ['held', 'pending', 'in_progress', 'cancelling'];

/** What whoever orders it must be allowed. */
export const verbPermissions: Readonly<Record<ActionVerb, Permission>> = {
  fetch: 'files.fetch',
  quarantine: 'files.quarantine',
  restore: 'files.restore',
  restore_objects: 'files.restore',
  plan: 'files.restore',
  undo: 'files.restore',
  purge: 'files.purge',
  search: 'files.search',
  logs: 'endpoints.manage',
  scan: 'endpoints.manage',
};

export function isOpen(status: ActionStatus): boolean {
  return openStatuses.includes(status);
}
