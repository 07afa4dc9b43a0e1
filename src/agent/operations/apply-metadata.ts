import fs from 'node:fs';
import type { Attribute, Handle, Platform } from '../platform/platform.ts';
import { systemErrorCode } from '../platform/system-error.ts';
import type { Metadata } from '../vault/metadata.ts';

const privilegeBits = 0o6000;
const capability = 'security.capability';
const mostLosses = 60;
/**
 * The flags of chattr(1) that can be set on a file: secure deletion, undeletable, compressed, synchronous, no dump, no
 * access times, journalled data, no tail merging, no copy on write. Immutable and append-only files are never taken.
 */
const settableFlags = 0x1 | 0x2 | 0x4 | 0x8 | 0x40 | 0x80 | 0x4000 | 0x8000 | 0x800000;
/** Compressed and no copy on write: they count for what is written after them. */
const earlyFlags = 0x4 | 0x800000;

export interface Recorded {
  readonly metadata: Metadata;
  /** Whether setuid, setgid and capabilities may come back here. */
  readonly mayBePrivileged: boolean;
}

/** Before the first byte is written. A file system that does not know them is told of at the end. */
export function applyEarlyFlags(platform: Platform, file: Handle, { flags }: Metadata): void {
  if ((flags & earlyFlags) !== 0) {
    attempt(() => platform.setFileFlags(file, platform.fileFlags(file) | (flags & earlyFlags)));
  }
}

/**
 * Gives a rebuilt file its owner, attributes, mode, times and flags, in the order in which none undoes another: a change of
 * owner clears privilege bits and capabilities, and every change moves the times.
 * @returns in words, what could not be brought back exactly.
 */
export function applyMetadata(platform: Platform, file: Handle, recorded: Recorded): readonly string[] {
  const { metadata } = recorded;
  const losses: string[] = [];
  const isOwnerBack = giveOwner(file, metadata, losses);
  const mayBePrivileged = isOwnerBack && recorded.mayBePrivileged;
  giveAttributes(platform, file, { metadata, mayBePrivileged, losses });
  giveMode(platform, file, { mode: modeToGive(metadata, mayBePrivileged), wanted: metadata.mode, losses });
  giveTimes(platform, file, { metadata, losses });
  giveFlags(platform, file, { wanted: metadata.flags, losses });
  return losses.slice(0, mostLosses);
}

/** The code of a system call that failed; undefined when it did not. */
function attempt(call: () => void): string | undefined {
  try {
    call();
    return undefined;
  } catch (failure) {
    const code = systemErrorCode(failure);
    if (code === undefined) {
      throw failure;
    }
    return code;
  }
}

function giveOwner(file: Handle, { uid, gid }: Metadata, losses: string[]): boolean {
  const code = attempt(() => fs.fchownSync(file, uid, gid));
  if (code !== undefined) {
    losses.push(`owner ${uid}:${gid} was not given back (${code})`);
  }
  return code === undefined;
}

interface Giving {
  readonly metadata: Metadata;
  readonly mayBePrivileged: boolean;
  readonly losses: string[];
}

function giveAttributes(platform: Platform, file: Handle, { metadata, mayBePrivileged, losses }: Giving): void {
  removeInherited(platform, file, { wanted: metadata.attributes, losses });
  for (const attribute of metadata.attributes) {
    if (attribute.name === capability && !mayBePrivileged) {
      losses.push('capabilities were not given back');
    } else {
      const code = attempt(() => platform.setAttribute(file, attribute));
      losses.push(...(code === undefined ? [] : [`attribute ${attribute.name} was not given back (${code})`]));
    }
  }
}

/** A directory's default access control list is put on what is made in it, and would let in whom the file never let in. */
function removeInherited(
  platform: Platform,
  file: Handle,
  { wanted, losses }: { readonly wanted: readonly Attribute[]; readonly losses: string[] },
): void {
  const names = new Set(wanted.map(({ name }) => name));
  for (const { name } of platform.attributes(file)) {
    if (!names.has(name) && !name.startsWith('security.')) {
      const code = attempt(() => platform.removeAttribute(file, name));
      losses.push(
        ...(code === undefined ? [] : [`attribute ${name}, which it did not have, cannot be removed (${code})`]),
      );
    }
  }
}

function modeToGive({ mode }: Metadata, mayBePrivileged: boolean): number {
  return mayBePrivileged ? mode : mode & ~privilegeBits;
}

function giveMode(
  platform: Platform,
  file: Handle,
  { mode, wanted, losses }: { readonly mode: number; readonly wanted: number; readonly losses: string[] },
): void {
  attempt(() => fs.fchmodSync(file, mode));
  const given = platform.facts(file).mode;
  if (given !== wanted) {
    losses.push(`mode ${wanted.toString(8)} became ${given.toString(8)}`);
  }
}

function giveTimes(
  platform: Platform,
  file: Handle,
  { metadata, losses }: { readonly metadata: Metadata; readonly losses: string[] },
): void {
  const wanted = { accessedNs: BigInt(metadata.accessedNs), modifiedNs: BigInt(metadata.modifiedNs) };
  const code = attempt(() => platform.setTimes(file, wanted));
  const { modifiedNs } = platform.facts(file);
  if (code !== undefined || modifiedNs !== wanted.modifiedNs) {
    losses.push(`modification time ${wanted.modifiedNs} became ${modifiedNs}${code === undefined ? '' : ` (${code})`}`);
  }
}

function giveFlags(
  platform: Platform,
  file: Handle,
  { wanted, losses }: { readonly wanted: number; readonly losses: string[] },
): void {
  const current = platform.fileFlags(file);
  const missing = (current ^ wanted) & settableFlags;
  if (missing === 0) {
    return;
  }
  const code = attempt(() => platform.setFileFlags(file, (current & ~settableFlags) | (wanted & settableFlags)));
  const rest = (platform.fileFlags(file) ^ wanted) & settableFlags;
  if (rest !== 0) {
    losses.push(
      `file flags 0x${rest.toString(16)} differ from what they were${code === undefined ? '' : ` (${code})`}`,
    );
  }
}
