import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import type { VaultKeys } from '#agent/operations/room.ts';

/** The local user who attacks: nobody. */
export const attacker = 65_534;

/** A place with a user's files, a directory that only root may enter, a vault and a spool; removed with the scope. */
export interface World extends Disposable {
  readonly base: string;
  /** The attacker's own directory. */
  readonly user: string;
  /** The attacker's directory that holds the file. */
  readonly directory: string;
  readonly file: string;
  /** Root's alone; `a` in it has the very bytes of the file. */
  readonly secret: string;
  readonly vault: string;
  readonly spool: string;
  readonly keys: VaultKeys & { readonly recoveryIdentity: string };
  readonly content: Uint8Array;
  readonly sha256: string;
}

const defaultContent = Buffer.from('the only copy of a file\n'.repeat(100));

/** Made once: what they lock is thrown away. */
let madeKeys: Promise<World['keys']> | undefined;

async function makeKeys(): Promise<World['keys']> {
  const [identity, recoveryIdentity] = [await generateX25519Identity(), await generateX25519Identity()];
  const [recipient, recoveryRecipient] = [
    await identityToRecipient(identity),
    await identityToRecipient(recoveryIdentity),
  ];
  return { identity, recoveryIdentity, recipient, recoveryRecipient };
}

/** @param below where the world is made: any file system. */
export async function makeWorld(below: string, content: Uint8Array = defaultContent): Promise<World> {
  madeKeys ??= makeKeys();
  const keys = await madeKeys;
  const base = mkdtempSync(path.join(below, 'w-'));
  chmodSync(base, 0o755);
  return { ...furnish(base, content), keys, [Symbol.dispose]: () => rmSync(base, { recursive: true, force: true }) };
}

function furnish(base: string, content: Uint8Array): Omit<World, 'keys' | typeof Symbol.dispose> {
  const world = placesIn(base);
  mkdirSync(world.directory, { recursive: true });
  mkdirSync(world.secret, { mode: 0o700 });
  mkdirSync(world.vault, { mode: 0o700 });
  mkdirSync(world.spool, { mode: 0o700 });
  writeFileSync(path.join(world.secret, 'a'), content, { mode: 0o600 });
  writeFileSync(world.file, content);
  for (const each of [world.user, world.directory, world.file]) {
    chownSync(each, attacker, attacker);
  }
  return { ...world, content, sha256: sha256Of(content) };
}

function placesIn(base: string) {
  const user = path.join(base, 'user');
  const directory = path.join(user, 'dir');
  return {
    base,
    user,
    directory,
    file: path.join(directory, 'a'),
    secret: path.join(base, 'secret'),
    vault: path.join(base, 'vault'),
    spool: path.join(base, 'spool'),
  };
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export function newTaskId(): string {
  return randomBytes(16).toString('hex');
}
