import fs from 'node:fs';
import type { FilePath } from '#core/file/file-path.ts';
import type { Handle, NodeFacts } from '../platform/platform.ts';
import { separatorByte } from '../platform/separator.ts';
import { digestsOf } from './content.ts';
import { Ended } from './ending.ts';
import type { VaultRoom } from './room.ts';

/** A file at the door of the vault: how it was asked for, where it really is, and the open file itself. */
export interface Candidate {
  readonly asked: FilePath;
  readonly real: FilePath;
  readonly facts: NodeFacts;
  readonly source: Handle;
}

/**
 * Refuses what must never leave its place: the agent's own files, whatever the order says; and unless the order overrides
 * it init, the kernel, libc, the loader, and what a system package put there and nobody has changed since (promise P14).
 * @throws Ended `refused`.
 */
export function demandUnprotected(room: VaultRoom, candidate: Candidate, overrideProtection: boolean): void {
  demandNotOwn(room, [candidate.asked, candidate.real], candidate.facts);
  if (overrideProtection) {
    return;
  }
  if (room.platform.isSystemCritical(candidate.real, candidate.facts)) {
    throw protectedFile('The machine cannot run without this file.');
  }
  const owner = room.platform.packageOf(candidate.real, digestsOf(candidate.source, room.progress));
  if (owner !== undefined) {
    throw new Ended({
      ...protectedFile(`The file is part of the package ${owner}, and just as the package has it.`).ending,
      details: { package: owner },
    });
  }
}

/**
 * Nothing goes into the agent's own directories, and nothing of it out.
 * @param facts of what has the path now, if anything has.
 */
export function demandNotOwn(room: VaultRoom, paths: readonly FilePath[], facts: NodeFacts | undefined): void {
  const isOwn = (own: string) =>
    paths.some((path) => isWithin(own, Buffer.from(path))) || (facts !== undefined && isNode(own, facts));
  if (room.own.some(isOwn)) {
    throw protectedFile('The file belongs to Custody itself.');
  }
}

function protectedFile(message: string): Ended {
  return new Ended({ outcome: 'refused', reason: 'protected_file', message });
}

function isWithin(own: string, path: Buffer): boolean {
  const prefix = Buffer.from(own);
  const isPrefix = path.subarray(0, prefix.length).equals(prefix);
  return isPrefix && (path.length === prefix.length || path[prefix.length] === separatorByte);
}

function isNode(own: string, facts: NodeFacts): boolean {
  const stats = fs.statSync(own, { bigint: true, throwIfNoEntry: false });
  return stats !== undefined && stats.dev === facts.device && stats.ino === facts.inode;
}
