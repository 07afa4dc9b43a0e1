import { createHash } from 'node:crypto';
import fs from 'node:fs';
import type { FilePath } from '#core/file/file-path.ts';
import { type Sha256, sha256Schema } from '#core/file/hash.ts';
import { publishOwnFile, removeOwnFile } from '../platform/own-files.ts';
import type { Handle } from '../platform/platform.ts';
import { chunks, writeWhole } from './content.ts';
import { Ended, type Ending, endingOf } from './ending.ts';
import { HandleScope } from './handle-scope.ts';
import { demandRegularFile, isUnchanged, type Pinned } from './pinned.ts';
import type { Room } from './room.ts';

export interface Captured {
  readonly sha256: Sha256;
  readonly size: number;
  /** Whether somebody wrote to the file while it was read, each time that it was tried. */
  readonly changed: boolean;
}

const attempts = 3;
const reservedBytes = 64 * 1024 * 1024;

/** Copies one file into the spool while hashing it; whole and durable when it returns, or not there at all. */
export function capture(
  room: Room,
  path: FilePath,
  target: { readonly file: string; readonly spool: string },
): Captured | Ending {
  try {
    using scope = new HandleScope(room.platform);
    const parent = room.platform.openParent(path);
    scope.keep(parent.directory);
    const pin = scope.keep(room.platform.pin(parent));
    const found: Pinned = { pin, facts: room.platform.facts(pin) };
    demandRegularFile(room.platform, found);
    const source = scope.keep(room.platform.openPinned(pin));
    if (room.platform.freeBytes(target.spool) < found.facts.size + reservedBytes) {
      throw new Ended({ outcome: 'no_space', message: 'The agent’s spool has no space for the file.' });
    }
    return copy(room, { pin, source }, target.file);
  } catch (failure) {
    return endingOf(failure, path);
  }
}

function copy(room: Room, open: { readonly pin: Handle; readonly source: Handle }, file: string): Captured {
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
  room: Room,
  { pin, source }: { readonly pin: Handle; readonly source: Handle },
  file: string,
): Captured {
  const before = room.platform.facts(pin);
  const hash = createHash('sha256');
  const target = fs.openSync(file, 'w', 0o600) as Handle;
  let size = 0;
  try {
    for (const chunk of chunks(source, room.progress)) {
      const wanted = chunk.subarray(0, before.size - size);
      hash.update(wanted);
      writeWhole(target, wanted, size);
      size += wanted.length;
      if (size >= before.size) {
        break;
      }
    }
    fs.fsyncSync(target);
  } finally {
    fs.closeSync(target);
  }
  const changed = !isUnchanged(before, room.platform.facts(pin)) || size !== before.size;
  return { sha256: sha256Schema.parse(hash.digest('hex')), size, changed };
}
