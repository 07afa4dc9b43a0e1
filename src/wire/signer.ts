import { z } from 'zod';
import { signerRules } from '#core/ports/order-signer.ts';
import { bytes, rawKey, signature } from './bytes.ts';
import { limits } from './limits.ts';

/**
 * What a server asks of a signer that is another process: `POST /v1`, MessagePack both ways, at most one frame (`limits.frameBytes`).
 * The socket's owner and mode, or the certificates of both sides, say who may ask.
 */
export const signerPath = '/v1';

/** Orders in one question at most. */
export const mostOrdersAsked = 1_000;

/** The one name in a signer's certificate: it is pinned, and so good for any address. */
export const signerName = 'custody-signer';

const orders = z.array(bytes).max(mostOrdersAsked);

export const signerQuestionSchema = z.discriminatedUnion('ask', [
  z.object({ ask: z.literal('sign'), orders }),
  /** As `sign`, without signing and without counting. */
  z.object({ ask: z.literal('judge'), orders }),
  z.object({ ask: z.literal('statement'), kind: z.enum(['trust', 'ledger']), bytes }),
  z.object({ ask: z.literal('changes') }),
]);

export type SignerQuestion = z.infer<typeof signerQuestionSchema>;

const refusalSchema = z.object({
  rule: z.enum(signerRules),
  message: z.string().max(500),
  /** Milliseconds. */
  retryAfter: z.number().int().nonnegative(),
});

/** A signature, an objection, or neither where nothing was to be signed and nothing is objected to. */
const resultSchema = z.union([signature, refusalSchema, z.null()]);

export const signerAnswerSchema = z.object({
  /** The key that the signer has, and has signed with. */
  publicKey: rawKey,
  results: z.array(resultSchema).max(mostOrdersAsked).default([]),
  /** Asked for by `changes`: those that led to it, oldest first. */
  changes: z
    .array(z.object({ change: bytes, signature, proof: signature }))
    .max(limits.arrayItems)
    .default([]),
});

export type SignerAnswer = z.infer<typeof signerAnswerSchema>;
export type SignerResult = z.infer<typeof resultSchema>;
