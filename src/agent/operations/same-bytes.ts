import fs from 'node:fs';
import type { VaultRecord } from '../vault/record.ts';
import { hashOf } from './content.ts';
import type { HandleScope } from './handle-scope.ts';
import { isUnchanged, type Pinned } from './pinned.ts';
import type { VaultRoom } from './room.ts';

/** Whether a file is the one of a record, byte for byte, and nobody wrote to it meanwhile. */
export function hasSameBytes(
  room: VaultRoom,
  scope: HandleScope,
  { pinned, record }: { readonly pinned: Pinned; readonly record: VaultRecord },
): boolean {
  const { facts, pin } = pinned;
  if (facts.kind !== 'file' || facts.size !== record.size || room.platform.isPseudo(pin)) {
    return false;
  }
  const file = scope.keep(room.platform.openPinned(pin));
  const isSame = hashOf(file, room.progress).sha256 === record.sha256;
  // What the vault gives up because of it must outlast a loss of power.
  fs.fsyncSync(file);
  return isSame && isUnchanged(facts, room.platform.facts(file));
}
