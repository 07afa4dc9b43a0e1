import fs from 'node:fs';
import type { Handle } from '../platform/platform.ts';
import type { VaultRecord } from '../vault/record.ts';
import { hashOf } from './content.ts';
import type { HandleScope } from './handle-scope.ts';
import { isUnchanged, type Pinned } from './pinned.ts';
import type { VaultRoom } from './room.ts';

interface Compared {
  readonly pinned: Pinned;
  readonly record: Pick<VaultRecord, 'sha256' | 'size'>;
}

/** Whether a file is the one of a record, byte for byte, and nobody wrote to it meanwhile; then it is durable, too. */
export function hasSameBytes(room: VaultRoom, scope: HandleScope, compared: Compared): boolean {
  const file = sameFile(room, scope, compared);
  if (file === undefined) {
    return false;
  }
  // What the vault gives up because of it must outlast a loss of power.
  fs.fsyncSync(file);
  return isUnchanged(compared.pinned.facts, room.platform.facts(file));
}

/** The same, and nothing is asked of the disk but to be read. */
export function looksTheSame(room: VaultRoom, scope: HandleScope, compared: Compared): boolean {
  return sameFile(room, scope, compared) !== undefined;
}

function sameFile(room: VaultRoom, scope: HandleScope, { pinned, record }: Compared): Handle | undefined {
  const { facts, pin } = pinned;
  if (facts.kind !== 'file' || facts.size !== record.size || room.platform.isPseudo(pin)) {
    return undefined;
  }
  const file = scope.keep(room.platform.openPinned(pin));
  const isSame = hashOf(file, room.progress).sha256 === record.sha256;
  return isSame && isUnchanged(facts, room.platform.facts(file)) ? file : undefined;
}
