import fs from 'node:fs';
import type { FilePath } from '#core/file/file-path.ts';
import type { Handle, NodeFacts } from '../platform/platform.ts';
import { Ended } from './ending.ts';
import type { VaultRoom } from './room.ts';

/**
 * Refuses what must never leave its place: the agent's own files, init, the kernel, libc and the loader (promise P14).
 * @param directory the open directory of the file: where it really is counts, not how it was asked for.
 * @throws Ended `refused`.
 */
export function demandUnprotected(
  room: VaultRoom,
  path: FilePath,
  found: { readonly directory: Handle; readonly name: Uint8Array; readonly facts: NodeFacts },
): void {
  const real = realPath(found.directory, found.name);
  const isOwn = room.own.some(
    (own) => isWithin(own, real) || isWithin(own, Buffer.from(path)) || isNode(own, found.facts),
  );
  if (isOwn || room.platform.isSystemCritical(real, found.facts)) {
    throw new Ended({
      outcome: 'refused',
      reason: 'protected_file',
      message: isOwn ? 'The file belongs to the agent itself.' : 'The machine cannot run without this file.',
    });
  }
}

function realPath(directory: Handle, name: Uint8Array): Buffer {
  const parent = fs.readlinkSync(`/proc/self/fd/${directory}`, { encoding: 'buffer' });
  return Buffer.concat([parent, Buffer.from(parent.at(-1) === 0x2f ? '' : '/'), name]);
}

function isWithin(own: string, path: Buffer): boolean {
  const prefix = Buffer.from(own);
  const isPrefix = path.subarray(0, prefix.length).equals(prefix);
  return isPrefix && (path.length === prefix.length || path[prefix.length] === 0x2f);
}

function isNode(own: string, facts: NodeFacts): boolean {
  const stats = fs.statSync(own, { bigint: true, throwIfNoEntry: false });
  return stats !== undefined && stats.dev === facts.device && stats.ino === facts.inode;
}
