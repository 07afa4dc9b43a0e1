import { join } from 'node:path';
import { generateX25519Identity } from 'age-encryption';
import { type KeyRing, parseKeyRing } from '#age/key-ring.ts';
import { Fault } from '#core/fault.ts';
import type { Fs } from '#core/ports/fs.ts';
import type { DataDirectory } from './data-directory.ts';

const header = [
  '# Custody evidence key: what evidence/objects is encrypted under. `age --decrypt --identity` with this file opens any of it.',
  '# The first key is the current one; any other is being retired.',
].join('\n');

interface KeyPlace {
  readonly fs: Fs;
  readonly directory: DataDirectory;
}

/**
 * Reads the key that evidence is encrypted under; at the first start it is made.
 * @param evidence where the evidence lies.
 * @throws Fault `conflict` when evidence is there that was encrypted under a key that is missing.
 */
export async function loadEvidenceKey({ fs, directory }: KeyPlace, evidence: string): Promise<KeyRing> {
  const known = await fs.read(directory.evidenceKey);
  if (known !== undefined) {
    return parse(directory, known);
  }
  if ((await fs.read(join(evidence, 'recipients.txt'))) !== undefined) {
    const advice = 'Bring it back from a backup: a new one opens none of the evidence.';
    throw new Fault('conflict', `The key ${directory.evidenceKey} is missing. ${advice}`);
  }
  await fs.makeDirectory(directory.keys);
  return write({ fs, directory }, [await generateX25519Identity()]);
}

/** Whether an older key is still there: locking everything to the current one was cut off. */
export async function isEvidenceKeyChanging(place: KeyPlace): Promise<boolean> {
  return (await identitiesOf(place)).length > 1;
}

/** Makes another key the current one; those before it stay until `retireEvidenceKeys`. */
export async function addEvidenceKey({ fs, directory }: KeyPlace): Promise<void> {
  const identities = await identitiesOf({ fs, directory });
  await write({ fs, directory }, [await generateX25519Identity(), ...identities]);
}

/** Leaves nothing but the current key. Only after nothing is locked to another. */
export async function retireEvidenceKeys({ fs, directory }: KeyPlace): Promise<void> {
  const identities = await identitiesOf({ fs, directory });
  await write({ fs, directory }, identities.slice(0, 1));
}

async function identitiesOf({ fs, directory }: KeyPlace): Promise<readonly string[]> {
  const text = new TextDecoder().decode(await fs.read(directory.evidenceKey));
  return text.split('\n').filter((line) => line.startsWith('AGE-SECRET-KEY-'));
}

async function write({ fs, directory }: KeyPlace, identities: readonly string[]): Promise<KeyRing> {
  const bytes = new TextEncoder().encode(`${header}\n${identities.join('\n')}\n`);
  await fs.replace(directory.evidenceKey, bytes);
  return parse(directory, bytes);
}

function parse(directory: DataDirectory, bytes: Uint8Array): KeyRing {
  try {
    return parseKeyRing(new TextDecoder().decode(bytes));
  } catch (cause) {
    const advice = 'Bring it back from a backup.';
    throw new Fault('conflict', `The key ${directory.evidenceKey} cannot be read. ${advice}`, { cause });
  }
}
