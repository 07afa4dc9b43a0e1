import { hkdfSync, randomBytes } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { type Aead, importAead, nonceBytes, tagBytes } from '#age/aead.ts';
import { DamagedObject } from '#age/damaged.ts';
import type { KeyRing } from '#age/key-ring.ts';
import { chunkBytes } from '#age/stream.ts';
import type { UploadId } from '#core/ports/blobs.ts';
import { encodeHead, forgetHead, type Head, headBytes, openHead } from './head.ts';
import { partsSuffix } from './layout.ts';
import { isNoFile } from './medium.ts';
import { readAt, writeAt } from './open-chunks.ts';
import { tailBytes } from './sealed-sizes.ts';

/**
 * What is known of an upload stands in one file beside its bytes:
 *
 *   head                          its keys; the upload's own file gets its head when it is whole
 *   two slots                     the bytes behind the last whole chunk, sealed; parts take turns, so that a part that is being
 *                                 written leaves the tail of the one before it alone
 *   lines                         the durable parts and their hashes
 *
 * The list is what counts: bytes that no line speaks for were never made durable, and may be anything after a loss of power.
 */

/** One durable part of an upload. */
export interface Part {
  /** The size of the upload with it. */
  readonly end: number;
  /** SHA-256 of its bytes as they arrived. */
  readonly sha256: string;
}

/** One line: the end in 16 digits, a space, the hash, a line feed. Lines of one length can be cut off and counted. */
const lineBytes = 16 + 1 + 64 + 1;
const line = /^(\d{16}) ([0-9a-f]{64})\n$/;

export const slotBytes = nonceBytes + chunkBytes + tagBytes;
export const linesPosition = headBytes + 2 * slotBytes;

function slotPosition(part: number): number {
  return headBytes + (part % 2) * slotBytes;
}

/** Makes the file of an upload that has no part yet; durable but for its name. */
export async function createSideFile(path: string, head: Head, { keys, upload }: SideKeys): Promise<void> {
  const bytes = await encodeHead(keys, head, { kind: 'custody-upload', name: upload });
  await withFile(path, 'w', async (handle) => {
    await writeAt(handle, bytes, 0);
    await handle.truncate(linesPosition);
    await handle.datasync();
  });
}

interface SideKeys {
  readonly keys: KeyRing;
  readonly upload: UploadId;
}

export interface SideFile {
  readonly head: Head;
  /** As far as the list is whole: a line that a crash tore is the end of it. */
  readonly parts: readonly Part[];
}

/**
 * @param path of the upload.
 * @returns undefined when there is no list, or one that no head belongs to.
 */
export async function readSideFile(path: string, { keys, upload }: SideKeys): Promise<SideFile | undefined> {
  try {
    return await withFile(path, 'r', async (handle) => {
      const bytes = new Uint8Array(headBytes);
      const read = await readAt(handle, bytes, 0);
      const head = await openHead(keys, bytes.subarray(0, read), { kind: 'custody-upload', name: upload });
      return { head, parts: await readLines(handle) };
    });
  } catch (thrown) {
    if (thrown instanceof DamagedObject || isNoFile(thrown)) {
      return undefined;
    }
    throw thrown;
  }
}

async function readLines(handle: FileHandle): Promise<readonly Part[]> {
  const { size } = await handle.stat();
  const bytes = new Uint8Array(Math.max(0, size - linesPosition));
  const text = Buffer.from(bytes.subarray(0, await readAt(handle, bytes, linesPosition))).toString('latin1');
  const parts: Part[] = [];
  for (let at = 0; at < text.length; at += lineBytes) {
    const match = line.exec(text.slice(at, at + lineBytes));
    const end = Number(match?.[1]);
    if (match?.[2] === undefined || end < (parts.at(-1)?.end ?? 0)) {
      break;
    }
    parts.push({ end, sha256: match[2] });
  }
  return parts;
}

export interface NewPart extends Part {
  /** The bytes behind the last chunk that is held. */
  readonly tail: Uint8Array<ArrayBuffer>;
}

/** Adds a part to the first `count`, durably; whatever followed them is cut off. */
export async function writePart(path: string, head: Head, { count, part }: Addition): Promise<void> {
  const sealed = await sealTail(head, part);
  await withFile(path, 'r+', async (handle) => {
    await handle.truncate(linesPosition + count * lineBytes);
    await writeAt(handle, sealed, slotPosition(count));
    const text = `${String(part.end).padStart(16, '0')} ${part.sha256}\n`;
    await writeAt(handle, Buffer.from(text, 'latin1'), linesPosition + count * lineBytes);
    await handle.datasync();
  });
}

export interface Addition {
  readonly count: number;
  readonly part: NewPart;
}

/** Keeps the first `count` parts, the last of which gets its tail again; durable. */
export async function cutParts(path: string, head: Head, { count, last }: Cut): Promise<void> {
  const sealed = last === undefined ? undefined : await sealTail(head, last);
  await withFile(path, 'r+', async (handle) => {
    if (sealed !== undefined) {
      await writeAt(handle, sealed, slotPosition(count - 1));
    }
    await handle.truncate(linesPosition + count * lineBytes);
    await handle.datasync();
  });
}

export interface Cut {
  readonly count: number;
  /** Undefined when none is left. */
  readonly last: NewPart | undefined;
}

/** Undefined when its slot no longer holds it. */
export async function readTail(
  path: string,
  head: Head,
  { count, part }: { readonly count: number; readonly part: Part },
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const length = tailBytes(part.end);
  if (length === 0) {
    return new Uint8Array();
  }
  const sealed = new Uint8Array(nonceBytes + length + tagBytes);
  const read = await withFile(path, 'r', (handle) => readAt(handle, sealed, slotPosition(count - 1)));
  const key = await tailKey(head, part.end);
  return key.open(sealed.slice(0, nonceBytes), sealed.slice(nonceBytes, read));
}

async function sealTail(head: Head, { end, tail }: NewPart): Promise<Uint8Array> {
  if (tail.length === 0) {
    return new Uint8Array();
  }
  // A part that was lost is written again with other bytes, perhaps: never under the same nonce.
  const nonce = new Uint8Array(randomBytes(nonceBytes));
  return Buffer.concat([nonce, await (await tailKey(head, end)).seal(nonce, tail)]);
}

/** Another key for each size: a tail opens as that of no other. */
function tailKey({ fileKey, streamNonce }: Head, end: number): Promise<Aead> {
  return importAead(new Uint8Array(hkdfSync('sha256', fileKey, streamNonce, `custody tail ${end}`, 32)));
}

/** So that what a disk still holds of the upload opens for nobody. A file that is not there is fine. */
export async function forgetSideKeys(path: string): Promise<void> {
  await forgetHead(path + partsSuffix);
}

async function withFile<Result>(
  path: string,
  flags: 'r' | 'r+' | 'w',
  work: (handle: FileHandle) => Promise<Result>,
): Promise<Result> {
  const handle = await open(path + partsSuffix, flags, 0o600);
  try {
    return await work(handle);
  } finally {
    await handle.close();
  }
}
