import { createHash } from 'node:crypto';
import fs from 'node:fs';
import type { Handle } from '../platform/platform.ts';
import { systemErrorCode } from '../platform/system-error.ts';
import type { Metadata } from '../vault/metadata.ts';
import { type OpenObject, openObject } from '../vault/object.ts';
import { objectFile, type VaultRecord } from '../vault/record.ts';
import { writeWhole } from './content.ts';
import { Ended } from './ending.ts';
import type { VaultRoom } from './room.ts';

/** Runs of zeros of this length become holes in a file that had holes nobody recorded. */
const holeBytes = 64 * 1024;

/** @throws Ended `vault_damaged`, also where the object is gone; other errors of the system pass through. */
export async function openHeld(room: VaultRoom, record: VaultRecord): Promise<OpenObject> {
  try {
    return await openObject(objectFile(room.vault, record.vaultObject), room.keys.identity, room.progress);
  } catch (failure) {
    throw systemErrorCode(failure) === 'ENOENT' ? gone() : asDamage(failure);
  }
}

/**
 * Writes what an object holds into a new file, with holes where the original had them.
 * @throws Ended `vault_damaged` unless every byte was authentic and the hash is the recorded one (promise P21).
 */
export async function writeContent({ metadata, content }: OpenObject, file: Handle): Promise<void> {
  const hash = createHash('sha256');
  const write = writerFor(metadata, file);
  if (metadata.sparse) {
    // A file that grows while it is written gets blocks ahead of it on XFS, which would fill its holes.
    fs.ftruncateSync(file, metadata.size);
  }
  let position = 0;
  try {
    for await (const chunk of content) {
      hash.update(chunk);
      write(chunk, position);
      position += chunk.length;
    }
  } catch (failure) {
    throw asDamage(failure);
  }
  if (hash.digest('hex') !== metadata.sha256) {
    throw damaged(undefined);
  }
  fs.ftruncateSync(file, position);
}

/**
 * For an object whose content may not have been wanted after all: it keeps its file open until somebody has begun to read.
 * Nothing happens to one that was read.
 */
export async function closeUnread({ content }: OpenObject): Promise<void> {
  const chunks = content[Symbol.asyncIterator]();
  await chunks.next();
  await chunks.return?.();
}

/** What a file takes on a disk, holes left out: a file of nearly nothing may be larger than any. */
export function bytesToWrite({ sparse, size, allocated }: Metadata): number {
  return sparse ? Math.min(size, allocated) : size;
}

type Write = (chunk: Uint8Array, position: number) => void;

function writerFor({ sparse, data }: Metadata, file: Handle): Write {
  if (!sparse) {
    return (chunk, position) => writeWhole(file, chunk, position);
  }
  return data === null ? writeButZeros(file) : writeAlong(file, data);
}

/** Leaves out runs of zeros, wherever they are. */
export function writeButZeros(file: Handle): Write {
  return (chunk, position) => {
    for (let start = 0; start < chunk.length; start += holeBytes) {
      const piece = chunk.subarray(start, start + holeBytes);
      if (!isZero(piece)) {
        writeWhole(file, piece, position + start);
      }
    }
  };
}

/**
 * Writes the recorded parts, zeros included, and leaves out what lies between them. A hole reads as zeros; what does not
 * was written after the parts were asked for, and is kept.
 */
function writeAlong(file: Handle, ranges: NonNullable<Metadata['data']>): Write {
  let next = 0;
  return (chunk, position) => {
    const end = position + chunk.length;
    for (let at = position; at < end; ) {
      while (next < ranges.length && endOf(ranges[next]) <= at) {
        next += 1;
      }
      const start = Math.min(ranges[next]?.[0] ?? end, end);
      const isData = start <= at;
      const stop = isData ? Math.min(endOf(ranges[next]), end) : start;
      const piece = chunk.subarray(at - position, stop - position);
      if (isData || !isZero(piece)) {
        writeWhole(file, piece, at);
      }
      at = stop;
    }
  };
}

function endOf(range: readonly [number, number] | undefined): number {
  return range === undefined ? 0 : range[0] + range[1];
}

const zeros = Buffer.alloc(holeBytes);

function isZero(piece: Uint8Array): boolean {
  for (let start = 0; start < piece.length; start += holeBytes) {
    const part = piece.subarray(start, start + holeBytes);
    if (Buffer.compare(part, zeros.subarray(0, part.length)) !== 0) {
      return false;
    }
  }
  return true;
}

function asDamage(failure: unknown): unknown {
  return failure instanceof Ended || systemErrorCode(failure) !== undefined ? failure : damaged(failure);
}

function gone(): Ended {
  return new Ended({
    outcome: 'agent_error',
    reason: 'vault_damaged',
    message:
      'The vault has lost its copy of the file: somebody took it out of there, and nothing is left to give back.',
  });
}

function damaged(cause: unknown): Ended {
  const words = cause instanceof Error ? ` (${cause.message})` : '';
  return new Ended({
    outcome: 'agent_error',
    reason: 'vault_damaged',
    message: `The vault object is damaged and nothing of it was given out; the recovery key may still open parts of it${words}.`,
  });
}
