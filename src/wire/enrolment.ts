import { z } from 'zod';
import { endpointIdSchema, endpointNumberSchema } from '#core/endpoint/endpoint-id.ts';
import { hostFactsSchema } from './host-facts.ts';
import { machineMarkSchema } from './machine.ts';
import { text } from './text.ts';

/** `POST /agent/v1/enrol`, JSON. Byte strings are base64. */
export const enrolmentPath = '/agent/v1/enrol';

export const enrolmentRequestSchema = z.object({
  token: z.string().min(1).max(200),
  publicKey: z.base64().max(64),
  vaultRecipient: text.max(200),
  facts: hostFactsSchema,
  machine: machineMarkSchema.optional(),
  /** Of `enrolmentStatement`, by the device key, under `custody-enrol-v1`: proof that the sender holds the key. */
  signature: z.base64().max(128),
});

export type EnrolmentRequest = z.infer<typeof enrolmentRequestSchema>;

export const enrolmentReplySchema = z.object({
  endpointId: endpointIdSchema,
  endpointNumber: endpointNumberSchema,
  /** The server's order key, which the agent pins. */
  orderKey: z.base64().max(64),
  /** The organisation's recovery recipient (age), second recipient of every vault object. */
  recoveryRecipient: z.string().max(200),
});

export type EnrolmentReply = z.infer<typeof enrolmentReplySchema>;

/** The bytes that prove possession: they bind the token, so that a proof cannot be used with another. */
export function enrolmentStatement(
  request: Pick<EnrolmentRequest, 'token' | 'publicKey' | 'vaultRecipient'>,
): Uint8Array {
  return new TextEncoder().encode(`${request.token}\n${request.publicKey}\n${request.vaultRecipient}`);
}
