import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import type { VaultKeys } from '#agent/operations/room.ts';

export const mebibyte = 1024 * 1024;

export async function benchKeys(): Promise<VaultKeys> {
  const identity = await generateX25519Identity();
  const recipient = await identityToRecipient(identity);
  const recoveryRecipient = await identityToRecipient(await generateX25519Identity());
  return { identity, recipient, recoveryRecipient };
}
