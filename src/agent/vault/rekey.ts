import path from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { Fault } from '#core/fault.ts';
import { claim, type DataDirectory, dataDirectory } from '../identity/data-directory.ts';
import { type Identity, readIdentity } from '../identity/identity.ts';
import { updateIdentity } from '../identity/update-identity.ts';
import type { VaultKeys } from '../operations/room.ts';
import { currentPlatform } from '../platform/current.ts';
import { durableFiles } from '../platform/durable-files.ts';
import type { Platform } from '../platform/platform.ts';
import { type NextKey, nextKeyFile, readNextKey, writeNextKey } from './next-key.ts';
import { type Rewrapped, rewrapVault } from './rewrap.ts';

export interface Rekeyed extends Rewrapped {
  /** The new key's public half. */
  readonly recipient: string;
}

/**
 * Gives a stopped agent's vault a new key of the device (promise P29). The new key is on disk before the first object has
 * it, and the old one until the last has the new; a change that was cut off is gone on with by the next call, and by the
 * agent's next start. The server is told of the new recipient when the agent connects.
 * @throws Fault `not_found` when the directory was never enrolled, `conflict` while its agent runs.
 */
export async function rekeyVault(root: string): Promise<Rekeyed> {
  const directory = dataDirectory(root);
  const platform = await currentPlatform();
  await demandIdentity(directory);
  const release = claim(directory, platform);
  try {
    const next = (await readNextKey(durableFiles, directory.root)) ?? (await makeNextKey(directory));
    return { ...(await change(directory, platform, next)), recipient: next.recipient };
  } finally {
    release();
  }
}

/** Brings a change that was cut off to its end. For one who has claimed the directory. */
export async function finishRekey(directory: DataDirectory, platform: Platform): Promise<void> {
  const next = await readNextKey(durableFiles, directory.root);
  if (next !== undefined) {
    await change(directory, platform, next);
  }
}

async function makeNextKey(directory: DataDirectory): Promise<NextKey> {
  const identity = await generateX25519Identity();
  const next: NextKey = { v: 1, identity, recipient: await identityToRecipient(identity) };
  await writeNextKey(durableFiles, directory.root, next);
  return next;
}

async function change(directory: DataDirectory, platform: Platform, next: NextKey): Promise<Rewrapped> {
  const keys = keysOf(await demandIdentity(directory));
  let rewrapped: Rewrapped = { rewrapped: 0, left: [] };
  if (keys.identity !== next.identity) {
    const release = platform.lock(path.join(directory.vault, 'lock'), { wait: true, share: 'whole' });
    try {
      const room = { platform, vault: directory.vault, keys, progress: () => undefined };
      rewrapped = await rewrapVault(room, { ...keys, identity: next.identity, recipient: next.recipient });
    } finally {
      release?.();
    }
    await updateIdentity({ fs: durableFiles, platform, directory }, (known) => ({
      ...known,
      vaultIdentity: next.identity,
      vaultRecipient: next.recipient,
    }));
  }
  await durableFiles.remove(nextKeyFile(directory.root));
  return rewrapped;
}

function keysOf({ vaultIdentity, vaultRecipient, recoveryRecipient }: Identity): VaultKeys {
  return { identity: vaultIdentity, recipient: vaultRecipient, recoveryRecipient };
}

async function demandIdentity(directory: DataDirectory): Promise<Identity> {
  const identity = await readIdentity(durableFiles, directory.identity);
  if (identity === undefined) {
    throw new Fault('not_found', `${directory.root} holds no enrolled agent. Run "custody agent enroll" first.`);
  }
  return identity;
}
