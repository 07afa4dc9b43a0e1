import { createHash } from 'node:crypto';
import path from 'node:path';
import { z } from 'zod';
import { type EndpointId, endpointIdSchema, endpointNumberSchema } from '#core/endpoint/endpoint-id.ts';
import { Fault } from '#core/fault.ts';
import type { Fs } from '#core/ports/fs.ts';
import { proxySettingSchema } from './proxy.ts';

/** What came of the enrolment. Byte strings are base64. */
const keptSchema = z.object({
  endpointId: endpointIdSchema,
  endpointNumber: endpointNumberSchema,
  /** Ed25519, PKCS #8 PEM. Never leaves the machine. */
  devicePrivateKey: z.string().min(1),
  /** age X25519. Never leaves the machine. */
  vaultIdentity: z.string().min(1),
  vaultRecipient: z.string().min(1),
  /** That of the enrolment, or the one that it was led to since. */
  orderKey: z.base64(),
  /** Of the newest change of the order key that was taken; 0 before the first. */
  orderKeySequence: z.number().int().nonnegative().default(0),
  recoveryRecipient: z.string().min(1),
  /** Absolute directories, as given. */
  roots: z.array(z.string().refine(path.isAbsolute, 'must be an absolute path')).max(256),
});

/** Who this agent is, whom it trusts and where it finds its servers. */
const identitySchema = keptSchema.extend({
  v: z.literal(2),
  /** Base URLs, for example `https://custody.example:8443`, in the order in which they are tried. */
  servers: z.array(z.url()).min(1),
  /** Addresses that a newer list left out; tried when all others fail, so that a wrong list strands nobody. */
  formerServers: z.array(z.url()),
  /** The only authorities whose certificates this agent accepts of a server, PEM. */
  authorities: z.array(z.string().min(1)).min(1),
  /** Of the newest `trust` that was taken; 0 before the first. */
  trustSequence: z.number().int().nonnegative(),
  proxy: proxySettingSchema.nullable(),
});

const firstIdentitySchema = keptSchema.extend({
  v: z.literal(1),
  server: z.url(),
  authority: z.string().min(1),
});

export type Identity = z.infer<typeof identitySchema>;

/** Where the servers are, and whom to believe that they are the servers. */
export type Reach = Pick<Identity, 'servers' | 'formerServers' | 'authorities' | 'proxy'>;

const anyIdentitySchema = z.discriminatedUnion('v', [identitySchema, firstIdentitySchema]);

/**
 * Undefined when this directory was never enrolled. What an older version wrote is read as if it were new.
 * @throws Fault `invalid_request` when the file is there but is no identity.
 */
export async function readIdentity(fs: Fs, file: string): Promise<Identity | undefined> {
  const bytes = await fs.read(file);
  if (bytes === undefined) {
    return undefined;
  }
  try {
    return lift(anyIdentitySchema.parse(JSON.parse(Buffer.from(bytes).toString())));
  } catch (cause) {
    throw new Fault('invalid_request', `${file} holds no agent identity. Bring back a copy, or enrol anew.`, { cause });
  }
}

function lift(known: z.infer<typeof anyIdentitySchema>): Identity {
  if (known.v === 2) {
    return known;
  }
  const { server, authority, ...kept } = known;
  const reach = { servers: [server], formerServers: [], authorities: [authority], trustSequence: 0, proxy: null };
  return { ...kept, ...reach, v: 2 };
}

export async function writeIdentity(fs: Fs, file: string, identity: Identity): Promise<void> {
  await fs.replace(file, Buffer.from(`${JSON.stringify(identity, null, 2)}\n`));
}

/** The head of the SHA-256 of the device's public key, so that an endpoint cannot choose its id. */
export function endpointIdOf(publicKey: Uint8Array): EndpointId {
  return endpointIdSchema.parse(createHash('sha256').update(publicKey).digest('hex').slice(0, 32));
}
