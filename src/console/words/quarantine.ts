import type { Client } from '#sdk/client.ts';
import type { Worded } from './statuses.ts';

export type QuarantineRecord = Awaited<ReturnType<Client['listQuarantine']>>['items'][number];
export type QuarantinedHash = Awaited<ReturnType<Client['listQuarantinedHashes']>>['items'][number];
export type QuarantineState = QuarantineRecord['state'];

/** Total: a new state does not compile until it has words. */
export const quarantineStateWords: Readonly<Record<QuarantineState, Worded>> = {
  held: { label: 'In the vault', tone: 'good' },
  restored: { label: 'Restored', tone: 'mute' },
  purged: { label: 'Deleted for good', tone: 'mute' },
  lost: { label: 'Lost from the vault', tone: 'bad' },
};

/** An object that is held but no longer holds its file is not what the word alone says. */
export function standingOf({ state, damagedAt }: Pick<QuarantineRecord, 'state' | 'damagedAt'>): Worded {
  return state === 'held' && damagedAt !== null
    ? { label: 'Damaged in the vault', tone: 'bad' }
    : quarantineStateWords[state];
}
