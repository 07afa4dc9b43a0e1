import fs from 'node:fs';
import path from 'node:path';
import { DamagedObject } from '#age/damaged.ts';
import { encodeHeader } from '#age/header.ts';
import { parseIdentity, parseRecipient } from '#age/keys.ts';
import { wrapFileKey } from '#age/stanza.ts';
import { Fault } from '#core/fault.ts';
import { type VaultObjectId, vaultObjectIdSchema } from '#core/file/vault-object-id.ts';
import { writeWhole } from '../operations/content.ts';
import type { VaultKeys, VaultRoom } from '../operations/room.ts';
import { listOwnFiles, publishOwnFile, removeOwnFile } from '../platform/own-files.ts';
import type { Handle } from '../platform/platform.ts';
import { type Unlocked, unlock } from './age/reader.ts';
import { verifyObject } from './object.ts';
import { allObjects, objectFile } from './record.ts';

export interface Rewrapped {
  /** Objects that the new keys open now, those of an earlier, interrupted run included. */
  readonly rewrapped: number;
  /** Objects that are damaged, or locked to neither the old keys nor the new; they stay as they were. */
  readonly left: readonly VaultObjectId[];
}

/** What it needs of a room. */
type RewrapRoom = Pick<VaultRoom, 'platform' | 'vault' | 'keys' | 'progress'>;

const copiedAtOnce = 1024 * 1024;

/**
 * Locks every object of the vault to new keys: each header is written anew, and the encrypted content behind it is copied as
 * it is (promise P29). An object is replaced, in one step, only by one that was read back from its file with the new key to
 * the last byte; so a run that is cut off anywhere leaves every object whole, locked to the old keys or to the new. The same
 * call with the same keys goes on with the rest.
 *
 * Both keys must be kept, durably, until it has ended; the vault's lock must be held.
 * @throws Fault `invalid_request` when the device's key stays the same: by it an object tells that it is done.
 */
export async function rewrapVault(room: RewrapRoom, newKeys: VaultKeys): Promise<Rewrapped> {
  if (newKeys.identity === room.keys.identity) {
    throw new Fault('invalid_request', 'The vault is locked to this key already; make another one.');
  }
  const release = room.platform.lock(path.join(room.vault, 'scrub.lock'), { wait: true });
  try {
    removeLeftovers(room.vault);
    const left: VaultObjectId[] = [];
    let rewrapped = 0;
    for (const id of allObjects(room.vault)) {
      if (await rewrap(room, newKeys, id)) {
        rewrapped += 1;
      } else {
        left.push(id);
      }
    }
    return { rewrapped, left };
  } finally {
    release?.();
  }
}

/** @returns false for an object that cannot be opened, which stays as it is. */
async function rewrap(room: RewrapRoom, newKeys: VaultKeys, id: VaultObjectId): Promise<boolean> {
  const file = objectFile(room.vault, id);
  const source = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW) as Handle;
  try {
    if ((await unlockWith(source, newKeys)) !== undefined) {
      return true;
    }
    const unlocked = await unlockWith(source, room.keys);
    return unlocked !== undefined && (await replace(room, { newKeys, id, file, source, unlocked }));
  } finally {
    fs.closeSync(source);
  }
}

/** Undefined when these keys do not open the object. */
async function unlockWith(source: Handle, keys: VaultKeys): Promise<Unlocked | undefined> {
  try {
    return await unlock(source, parseIdentity(keys.identity));
  } catch (failure) {
    if (failure instanceof DamagedObject) {
      return undefined;
    }
    throw failure;
  }
}

interface Replacing {
  readonly newKeys: VaultKeys;
  readonly id: VaultObjectId;
  readonly file: string;
  readonly source: Handle;
  readonly unlocked: Unlocked;
}

async function replace(room: RewrapRoom, replacing: Replacing): Promise<boolean> {
  const temporary = leftoverFile(room.vault, replacing.id);
  try {
    await copyWithNewHeader(temporary, replacing, room.progress);
    await verifyObject(temporary, replacing.newKeys.identity, room.progress);
    publishOwnFile(temporary, replacing.file);
    return true;
  } catch (failure) {
    removeOwnFile(temporary);
    if (failure instanceof DamagedObject) {
      return false;
    }
    throw failure;
  }
}

async function copyWithNewHeader(
  temporary: string,
  { newKeys, source, unlocked }: Replacing,
  progress: () => void,
): Promise<void> {
  const fileKey = new Uint8Array(unlocked.fileKey);
  const recipients = [newKeys.recipient, newKeys.recoveryRecipient].map(parseRecipient);
  const stanzas = await Promise.all(recipients.map((recipient) => wrapFileKey(fileKey, recipient)));
  const header = encodeHeader(stanzas, fileKey);
  const target = fs.openSync(temporary, 'wx', 0o600) as Handle;
  try {
    writeWhole(target, header, 0);
    copyContent(target, source, { from: unlocked.header.length, to: header.length, progress });
    fs.fsyncSync(target);
  } finally {
    fs.closeSync(target);
  }
}

function copyContent(
  target: Handle,
  source: Handle,
  { from, to, progress }: { readonly from: number; readonly to: number; readonly progress: () => void },
): void {
  const buffer = new Uint8Array(copiedAtOnce);
  let position = 0;
  for (;;) {
    const length = fs.readSync(source, buffer, 0, buffer.length, from + position);
    if (length === 0) {
      return;
    }
    writeWhole(target, buffer.subarray(0, length), to + position);
    position += length;
    progress();
  }
}

function leftoverFile(vault: string, id: VaultObjectId): string {
  return path.join(vault, `${id}.rewrap`);
}

/** What a run that was cut off had not finished. */
function removeLeftovers(vault: string): void {
  for (const name of listOwnFiles(vault)) {
    const id = vaultObjectIdSchema.safeParse(name.endsWith('.rewrap') ? name.slice(0, -'.rewrap'.length) : '');
    if (id.success) {
      removeOwnFile(leftoverFile(vault, id.data));
    }
  }
}
