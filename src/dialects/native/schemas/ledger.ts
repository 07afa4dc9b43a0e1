import { z } from 'zod';
import { type Contract, nothing } from './contract.ts';

const hash = z.base64().meta({ description: '32 bytes: SHA-256 of a leaf or a node, as RFC 6962 has them.' });

const checkpoint = z.string().meta({
  description: 'How many events there are and the root of their tree, signed: a C2SP checkpoint as a signed note.',
});

const size = z.int().meta({ description: 'How many events the checkpoint is about.' });

export const readLedger = {
  name: 'readLedger',
  summary: 'The record of events as a Merkle log: its newest signed checkpoint, and the key to check it with.',
  method: 'GET',
  path: '/ledger',
  parameters: nothing,
  query: z.strictObject({
    from: z.coerce.number<number>().int().min(0).optional().meta({
      description:
        'The size of an older checkpoint: the answer then proves that the record still begins with what that was about.',
    }),
  }),
  body: null,
  status: 200,
  reply: z
    .object({
      origin: z.string().meta({ description: 'The name of this record: the first line of its checkpoints.' }),
      verifierKey: z.string().meta({ description: 'name+id+key, as verifiers of signed notes take it.' }),
      checkpoint,
      size,
      consistency: z.array(hash).nullable().meta({ description: 'RFC 6962, 2.1.2; null where `from` was left out.' }),
    })
    .meta({ id: 'Ledger' }),
} as const satisfies Contract;

export const proveEvent = {
  name: 'proveEvent',
  summary: 'What stands in the record of one event, and the proof that it does.',
  method: 'GET',
  path: '/ledger/events/{sequence}',
  parameters: z.strictObject({ sequence: z.coerce.number<number>().int().min(1) }),
  query: nothing,
  body: null,
  status: 200,
  reply: z
    .object({
      sequence: z.int(),
      leaf: z.string().meta({ description: 'The bytes whose hash is the leaf: one line of JSON.' }),
      inclusion: z.array(hash).meta({ description: 'RFC 6962, 2.1.1, for the leaf `sequence` - 1.' }),
      checkpoint,
      size,
    })
    .meta({ id: 'EventProof' }),
} as const satisfies Contract;
