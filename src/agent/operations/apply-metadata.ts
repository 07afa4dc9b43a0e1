import fs from 'node:fs';
import type { Attribute, Handle, Platform } from '../platform/platform.ts';
import { systemErrorCode } from '../platform/system-error.ts';
import type { Metadata } from '../vault/metadata.ts';

const privilegeBits = 0o6000;
const capability = 'security.capability';
const mostLosses = 60;

export interface Recorded {
  readonly metadata: Metadata;
  /** Whether nobody but root and the file's owner could have arranged the way to it. */
  readonly isParentSafe: boolean;
}

/**
 * Gives a rebuilt file its owner, attributes, mode and times, in the order in which none undoes another: a change of
 * owner clears privilege bits and capabilities, and every change moves the times.
 * @returns in words, what could not be brought back exactly.
 */
export function applyMetadata(platform: Platform, file: Handle, recorded: Recorded): readonly string[] {
  const { metadata } = recorded;
  const losses: string[] = [];
  const isOwnerBack = giveOwner(file, metadata, losses);
  const mayBePrivileged = isOwnerBack && recorded.isParentSafe;
  for (const attribute of metadata.attributes) {
    if (attribute.name === capability && !mayBePrivileged) {
      losses.push('capabilities were not given back');
    } else {
      giveAttribute(platform, file, { attribute, losses });
    }
  }
  giveMode(platform, file, { mode: modeToGive(metadata, mayBePrivileged), wanted: metadata.mode, losses });
  platform.setTimes(file, { accessedNs: BigInt(metadata.accessedNs), modifiedNs: BigInt(metadata.modifiedNs) });
  return losses.slice(0, mostLosses);
}

function giveOwner(file: Handle, { uid, gid }: Metadata, losses: string[]): boolean {
  try {
    fs.fchownSync(file, uid, gid);
    return true;
  } catch (failure) {
    if (systemErrorCode(failure) === undefined) {
      throw failure;
    }
    losses.push(`owner ${uid}:${gid} was not given back (${systemErrorCode(failure)})`);
    return false;
  }
}

function giveAttribute(
  platform: Platform,
  file: Handle,
  { attribute, losses }: { readonly attribute: Attribute; readonly losses: string[] },
): void {
  try {
    platform.setAttribute(file, attribute);
  } catch (failure) {
    if (systemErrorCode(failure) === undefined) {
      throw failure;
    }
    losses.push(`attribute ${attribute.name} was not given back (${systemErrorCode(failure)})`);
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
  fs.fchmodSync(file, mode);
  const given = platform.facts(file).mode;
  if (given !== wanted) {
    losses.push(`mode ${wanted.toString(8)} became ${given.toString(8)}`);
  }
}
