import type { Client } from '#sdk/client.ts';
import type { Worded } from './statuses.ts';

export type Evidence = Awaited<ReturnType<Client['listEvidence']>>['items'][number];
export type EvidenceSource = Evidence['sources'][number];
export type EvidenceState = Evidence['state'];

/** Total: a new state does not compile until it has words. */
export const evidenceStateWords: Readonly<Record<EvidenceState, Worded>> = {
  kept: { label: 'Kept, sealed', tone: 'good' },
  damaged: { label: 'Damaged in storage', tone: 'bad' },
  deleted: { label: 'Bytes deleted', tone: 'mute' },
};
