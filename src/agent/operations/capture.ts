import { createHash } from 'node:crypto';
import fs from 'node:fs';
import type { FilePath } from '#core/file/file-path.ts';
import { sha256Schema } from '#core/file/hash.ts';
import type { VaultObjectId } from '#core/file/vault-object-id.ts';
import type { OutcomeDetails } from '#core/outcome-details.ts';
import { publishOwnFile, removeOwnFile } from '../platform/own-files.ts';
import type { Handle, NodeFacts, Parent } from '../platform/platform.ts';
import { systemErrorCode } from '../platform/system-error.ts';
import { demandAllowed, realPath } from './allowed.ts';
import { capturedFromVault, heldFromPath } from './capture-held.ts';
import { type Captured, type CaptureTarget, demandSpoolSpace, type Wanted } from './captured.ts';
import { chunks } from './content.ts';
import { allocatedBytes } from './describe.ts';
import { Ended, type Ending, endingOf } from './ending.ts';
import { HandleScope } from './handle-scope.ts';
import { demandRegularFile, isUnchanged, type Pinned } from './pinned.ts';
import { demandNotOwn } from './protected.ts';
import type { VaultRoom } from './room.ts';
import { writeButZeros } from './write-content.ts';

const attempts = 3;

/**
 * Copies one file into the spool while hashing it: from its path as it is now; from the vault where the order names an object,
 * or where the path is gone because the file was taken. Whole and durable when it returns, or not there at all.
 */
export async function capture(room: VaultRoom, wanted: Wanted, target: CaptureTarget): Promise<Captured | Ending> {
  try {
    const captured = await captureAny(room, wanted, target);
    const { indexedSha256 } = wanted;
    const isOther = indexedSha256 !== null && indexedSha256 !== captured.sha256;
    return isOther ? { ...captured, details: { ...captured.details, indexedSha256 } } : captured;
  } catch (failure) {
    return endingOf(failure, wanted.path);
  }
}

async function captureAny(room: VaultRoom, wanted: Wanted, target: CaptureTarget): Promise<Captured> {
  if (wanted.vaultObject !== null) {
    return await capturedFromVault(room, wanted.vaultObject, target);
  }
  try {
    return capturePath(room, wanted.path, target);
  } catch (failure) {
    const isGone = ['ENOENT', 'ENOTDIR'].includes(systemErrorCode(failure) ?? '');
    const held = isGone ? heldFromPath(room, wanted) : undefined;
    if (held === undefined) {
      throw failure;
    }
    return await capturedFromVaultOrBack(room, wanted, { held, target });
  }
}

/** Between two looks the file may have gone back to its path. */
async function capturedFromVaultOrBack(
  room: VaultRoom,
  { path }: Wanted,
  { held, target }: { readonly held: VaultObjectId; readonly target: CaptureTarget },
): Promise<Captured> {
  try {
    return await capturedFromVault(room, held, target);
  } catch (failure) {
    if (failure instanceof Ended && failure.ending.outcome === 'not_found') {
      return capturePath(room, path, target);
    }
    throw failure;
  }
}

function capturePath(room: VaultRoom, path: FilePath, target: CaptureTarget): Captured {
  using scope = new HandleScope(room.platform);
  const parent = room.platform.openParent(path);
  scope.keep(parent.directory);
  const pin = scope.keep(room.platform.pin(parent));
  const found: Pinned = { pin, facts: room.platform.facts(pin) };
  demandRegularFile(room.platform, found);
  demandAllowedAt(room, path, { parent, facts: found.facts });
  const source = scope.keep(room.platform.openPinned(pin));
  demandSpoolSpace(room, target, Math.min(found.facts.size, allocatedBytes(source)));
  return copy(room, { pin, source }, target.file);
}

/** The agent's own directory holds the keys that prove who this machine is and open its vault: no order has them sent. */
function demandAllowedAt(
  room: VaultRoom,
  path: FilePath,
  { parent, facts }: { readonly parent: Parent; readonly facts: NodeFacts },
): void {
  const paths = [path, realPath(room.platform, parent)];
  demandNotOwn(room, paths, facts);
  demandAllowed(room, { verb: 'fetch', paths, size: facts.size });
}

function copy(room: VaultRoom, open: { readonly pin: Handle; readonly source: Handle }, file: string): Captured {
  const partial = `${file}.part`;
  try {
    let captured = copyOnce(room, open, partial);
    for (let attempt = 2; attempt <= attempts && captured.changed; attempt += 1) {
      captured = copyOnce(room, open, partial);
    }
    publishOwnFile(partial, file);
    return captured;
  } catch (failure) {
    removeOwnFile(partial);
    throw failure;
  }
}

/** Reads no further than the file was long at the start: a log may grow faster than it is read. */
function copyOnce(
  room: VaultRoom,
  { pin, source }: { readonly pin: Handle; readonly source: Handle },
  file: string,
): Captured {
  const before = room.platform.facts(pin);
  const hash = createHash('sha256');
  const target = fs.openSync(file, 'w', 0o600) as Handle;
  const write = writeButZeros(target);
  let size = 0;
  try {
    for (const chunk of chunks(source, room.progress)) {
      const wanted = chunk.subarray(0, before.size - size);
      hash.update(wanted);
      write(wanted, size);
      size += wanted.length;
      if (size >= before.size) {
        break;
      }
    }
    fs.ftruncateSync(target, size);
    fs.fsyncSync(target);
  } finally {
    fs.closeSync(target);
  }
  const changed = !isUnchanged(before, room.platform.facts(pin)) || size !== before.size;
  const details: OutcomeDetails = before.links > 1 ? { links: before.links } : {};
  return { sha256: sha256Schema.parse(hash.digest('hex')), size, changed, details };
}
