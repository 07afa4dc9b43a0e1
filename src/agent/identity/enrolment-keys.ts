import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { z } from 'zod';
import { Fault } from '#core/fault.ts';
import type { Fs } from '#core/ports/fs.ts';
import { newKeyPair } from '#wire/signature.ts';
import type { Identity } from './identity.ts';

const keysSchema = z.object({
  devicePrivateKey: z.string().min(1),
  vaultIdentity: z.string().min(1),
  vaultRecipient: z.string().min(1),
});

export type DeviceKeys = Pick<Identity, keyof z.infer<typeof keysSchema>>;

/**
 * The keys of a machine that has no identity yet, durable before the server hears of them: an enrolment that is cut off
 * after the server's answer is asked for again with the same key, and the server tells that one again.
 * @throws Fault `invalid_request` when the file is there but holds no keys.
 */
export async function enrolmentKeys(fs: Fs, file: string): Promise<DeviceKeys> {
  const bytes = await fs.read(file);
  if (bytes !== undefined) {
    return readKeys(file, bytes);
  }
  const vaultIdentity = await generateX25519Identity();
  const vaultRecipient = await identityToRecipient(vaultIdentity);
  const keys = { devicePrivateKey: newKeyPair().privatePem, vaultIdentity, vaultRecipient };
  await fs.replace(file, Buffer.from(`${JSON.stringify(keys, null, 2)}\n`));
  return keys;
}

function readKeys(file: string, bytes: Uint8Array): DeviceKeys {
  try {
    return keysSchema.parse(JSON.parse(Buffer.from(bytes).toString()));
  } catch (cause) {
    throw new Fault('invalid_request', `${file} holds no keys. Remove it to enrol with new ones.`, { cause });
  }
}
