import { join } from 'node:path';
import { Fault } from '#core/fault.ts';
import { type Sha256, sha256Schema } from '#core/file/hash.ts';
import type { UploadId } from '#core/ports/blobs.ts';

/**
 * Where things lie below one directory:
 *
 *   recipients.txt                 the public keys that what lies here is locked to
 *   rewrap.json                    heads that are being written again; gone when they are
 *   staging/<upload id>            unfinished uploads, sealed
 *   staging/<upload id>.parts      their keys, which parts of them are durable, and the hashes of those
 *   staging/probe-<uuid>           the proof that bytes can be written; gone at once
 *   objects/<2 hex>/<62 hex>.age   whole, verified files, sealed, by their SHA-256
 *   objects/<2 hex>/<62 hex>       the same in plain, from before evidence was sealed
 */
export interface Layout {
  readonly root: string;
  readonly staging: string;
  readonly objects: string;
  readonly recipients: string;
  readonly rewrap: string;
}

export const probePrefix = 'probe-';
export const partsSuffix = '.parts';
const sealedSuffix = '.age';

const hex64 = /^[0-9a-f]{64}$/;
const placeDigits = 32;

export function layoutOf(directory: string): Layout {
  return {
    root: directory,
    staging: join(directory, 'staging'),
    objects: join(directory, 'objects'),
    recipients: join(directory, 'recipients.txt'),
    rewrap: join(directory, 'rewrap.json'),
  };
}

/** @throws Fault `invalid_request` when the id is not 64 hex digits, whatever its type claims. */
export function stagingPath(layout: Layout, upload: UploadId): string {
  demandHex(upload);
  return join(layout.staging, upload);
}

/** The uploads among the names in the staging directory, whichever of their two files is there. */
export function uploadsAmong(names: readonly string[]): readonly UploadId[] {
  const ids = names.map((name) => (name.endsWith(partsSuffix) ? name.slice(0, -partsSuffix.length) : name));
  return [...new Set(ids)].filter(isUploadId);
}

/** Whether two uploads are meant for one place. */
export function shareAPlace(one: UploadId, other: UploadId): boolean {
  return one.slice(0, placeDigits) === other.slice(0, placeDigits);
}

function isUploadId(name: string): name is UploadId {
  return hex64.test(name);
}

export interface ObjectPath {
  readonly directory: string;
  readonly path: string;
  /** Where it lies when it was stored before evidence was sealed. */
  readonly olderPath: string;
}

/** @throws Fault `invalid_request` when the hash is not 64 hex digits, whatever its type claims. */
export function objectPath(layout: Layout, hash: Sha256): ObjectPath {
  demandHex(hash);
  const directory = join(layout.objects, hash.slice(0, 2));
  const olderPath = join(directory, hash.slice(2));
  return { directory, path: olderPath + sealedSuffix, olderPath };
}

export interface NamedObject {
  readonly hash: Sha256;
  readonly isSealed: boolean;
}

/** The object that a pair of names stands for; undefined for whatever else lies there. */
export function objectOfNames(directory: string, name: string): NamedObject | undefined {
  const isSealed = name.endsWith(sealedSuffix);
  const text = directory + (isSealed ? name.slice(0, -sealedSuffix.length) : name);
  return directory.length === 2 && hex64.test(text) ? { hash: sha256Schema.parse(text), isSealed } : undefined;
}

/** The last wall before the file system: a brand is a promise of the compiler only. */
function demandHex(name: string): void {
  if (!hex64.test(name)) {
    throw new Fault('invalid_request', 'A blob or an upload is named by 64 lower-case hex digits.');
  }
}
