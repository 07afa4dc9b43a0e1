import { z } from 'zod';
import { principalKinds } from '#core/access/principal.ts';
import { deletionRules } from '#core/ports/store/evidence.ts';
import { type Contract, nothing } from './contract.ts';
import { limit, offset, total } from './paging.ts';
import { actionId, endpointId, instant, nullableInstant, pathContains, sha256, shownPath, taskId } from './values.ts';

const states = ['kept', 'damaged', 'deleted'] as const;

const deletion = z
  .object({
    at: instant,
    rule: z.enum(deletionRules).meta({ description: 'retention: by its age; person: because somebody said so.' }),
    reason: z.string(),
    by: z.object({ kind: z.enum([...principalKinds, 'server']), id: z.string(), name: z.string() }),
    erasedAt: nullableInstant.meta({ description: 'When the bytes were gone from storage; null: they are going.' }),
  })
  .meta({ id: 'EvidenceDeletion' });

/** What became of bytes that were stored once. */
export const evidenceState = z
  .object({
    state: z.enum(states),
    storedAt: instant,
    damagedAt: nullableInstant.meta({ description: 'When it was found that storage holds other bytes.' }),
    deletion: deletion.nullable(),
  })
  .meta({ id: 'EvidenceState' });

const source = z
  .object({
    actionId,
    taskId,
    ordinal: z.int().meta({ description: 'Within that task: `downloadFile` and `viewFile` take the three.' }),
    endpointId,
    hostName: z.string().nullable(),
    path: shownPath.nullable().meta({ description: 'Null while the endpoint has not reported which file it was.' }),
    incidentId: z.string().nullable(),
    at: instant.meta({ description: 'When these bytes were here for it.' }),
  })
  .meta({ id: 'EvidenceSource' });

const evidence = evidenceState
  .extend({
    sha256,
    size: z.int(),
    wantedAt: instant.meta({ description: 'When a fetch brought or needed it last: its age counts from here.' }),
    sources: z.array(source).meta({ description: 'Where it was fetched from, the newest first; at most 100.' }),
    sourcesCount: z.int().meta({ description: 'How many there are.' }),
    actionIds: z.array(actionId).meta({
      description: 'The fetches that brought or needed it, the oldest first; of more than 100 the newest.',
    }),
    actionsCount: z.int().meta({ description: 'How many there are.' }),
    heldBy: z.array(z.string()).meta({ description: 'Incidents on hold that keep it from being deleted.' }),
  })
  .meta({ id: 'Evidence' });

export const listEvidence = {
  name: 'listEvidence',
  summary: 'The bytes that were fetched, by their hash, what was fetched last first; those that were deleted, too.',
  method: 'GET',
  path: '/evidence',
  parameters: nothing,
  query: z.strictObject({
    state: z.array(z.enum(states)).optional(),
    sha256: z.array(sha256).max(1_000).optional(),
    pathContains,
    offset,
    limit,
  }),
  body: null,
  status: 200,
  reply: z.object({ items: z.array(evidence), total }).meta({ id: 'EvidenceList' }),
} as const satisfies Contract;

export const deleteEvidence = {
  name: 'deleteEvidence',
  summary:
    'Deletes the bytes of a hash for good; what is known of them stays. Refused while an incident on hold keeps them.',
  method: 'POST',
  keyless: 'Bytes go only after their deletion was recorded, and whoever asks again is told that they are gone.',
  path: '/evidence/{sha256}/deletion',
  parameters: z.strictObject({ sha256 }),
  query: nothing,
  body: z.strictObject({ reason: z.string().min(1).max(1_000) }).meta({ id: 'DeletionOfEvidence' }),
  status: 200,
  reply: evidenceState,
} as const satisfies Contract;

const retention = z
  .object({
    days: z.int().min(1).max(36_500).nullable().meta({
      description: 'How long evidence is kept after it was fetched last; null: for ever.',
    }),
  })
  .meta({ id: 'EvidenceRetention' });

export const readRetention = {
  name: 'readRetention',
  summary: 'How long evidence is kept.',
  method: 'GET',
  path: '/evidence/retention',
  parameters: nothing,
  query: nothing,
  body: null,
  status: 200,
  reply: retention,
} as const satisfies Contract;

export const changeRetention = {
  name: 'changeRetention',
  summary: 'Sets how long evidence is kept, what was fetched before included. What is on hold stays whatever is set.',
  method: 'POST',
  path: '/evidence/retention',
  parameters: nothing,
  query: nothing,
  body: z.strictObject(retention.shape).meta({ id: 'NewEvidenceRetention' }),
  status: 200,
  reply: retention,
} as const satisfies Contract;
