import { statfs } from 'node:fs/promises';
import { Fault } from '#core/fault.ts';
import type { EvidenceRoom } from '#core/ports/blobs.ts';
import type { Layout } from './layout.ts';
import { onMedium } from './medium.ts';

/** What no upload may take of the file system; the larger of the two counts. */
export interface Reserve {
  readonly percent: number;
  readonly bytes: number;
}

export const noReserve: Reserve = { percent: 0, bytes: 0 };

const wholePercent = 100;

/** Undefined where the file system does not say how large it is, as some of a network do. */
export async function roomOf(layout: Layout, reserve: Reserve): Promise<EvidenceRoom | undefined> {
  const { bavail, blocks, bsize } = await onMedium('say how much room it has', () => statfs(layout.root));
  if (blocks === 0) {
    return undefined;
  }
  const share = Math.ceil((blocks * bsize * reserve.percent) / wholePercent);
  return { freeBytes: bavail * bsize, reservedBytes: Math.max(share, reserve.bytes) };
}

/** @throws Fault `evidence_unavailable` where so many bytes more would eat into the reserve. */
export function demandRoomFor(bytes: number, room: EvidenceRoom | undefined): void {
  if (room === undefined || room.freeBytes - bytes >= room.reservedBytes) {
    return;
  }
  const [free, kept, more] = [room.freeBytes, room.reservedBytes, bytes].map(mebibytes);
  const wanted = bytes === 0 ? '' : `, and ${more} are asked for`;
  throw new Fault(
    'evidence_unavailable',
    `Evidence storage has no room: ${free} are free, of which ${kept} are kept free (CUSTODY_EVIDENCE_RESERVE)${wanted}. ` +
      'Make the disk larger, or delete evidence that is needed no more.',
  );
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`;
}
