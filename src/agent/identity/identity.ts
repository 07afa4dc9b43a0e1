import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type EndpointId, endpointIdSchema, endpointNumberSchema } from '#core/endpoint/endpoint-id.ts';
import { Fault } from '#core/fault.ts';
import type { Fs } from '#core/ports/fs.ts';

/** Who this agent is and whom it trusts; made at enrolment and whole from then on. Byte strings are base64. */
const identitySchema = z.object({
  v: z.literal(1),
  endpointId: endpointIdSchema,
  endpointNumber: endpointNumberSchema,
  /** The server's base URL, for example `https://custody.example:8443`. */
  server: z.url(),
  /** The only authority whose certificates this agent accepts, PEM. */
  authority: z.string().min(1),
  /** Ed25519, PKCS #8 PEM. Never leaves the machine. */
  devicePrivateKey: z.string().min(1),
  /** age X25519. Never leaves the machine. */
  vaultIdentity: z.string().min(1),
  vaultRecipient: z.string().min(1),
  orderKey: z.base64(),
  recoveryRecipient: z.string().min(1),
  /** Absolute directories, as given. */
  roots: z.array(z.string().startsWith('/')).max(256),
});

export type Identity = z.infer<typeof identitySchema>;

/**
 * Undefined when this directory was never enrolled.
 * @throws Fault `invalid_request` when the file is there but is no identity.
 */
export async function readIdentity(fs: Fs, file: string): Promise<Identity | undefined> {
  const bytes = await fs.read(file);
  if (bytes === undefined) {
    return undefined;
  }
  try {
    return identitySchema.parse(JSON.parse(Buffer.from(bytes).toString()));
  } catch (cause) {
    throw new Fault('invalid_request', `${file} holds no agent identity. Bring back a copy, or enrol anew.`, { cause });
  }
}

export async function writeIdentity(fs: Fs, file: string, identity: Identity): Promise<void> {
  await fs.replace(file, Buffer.from(`${JSON.stringify(identity, null, 2)}\n`));
}

/** The head of the SHA-256 of the device's public key, so that an endpoint cannot choose its id. */
export function endpointIdOf(publicKey: Uint8Array): EndpointId {
  return endpointIdSchema.parse(createHash('sha256').update(publicKey).digest('hex').slice(0, 32));
}
