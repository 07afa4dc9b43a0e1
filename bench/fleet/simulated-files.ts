import { createHash } from 'node:crypto';
import { parsePath } from '#core/file/file-path.ts';
import { md5Schema, sha1Schema, sha256Schema } from '#core/file/hash.ts';
import type { InventoriedFile } from '#wire/messages.ts';

const folders = ['bin', 'lib', 'share', 'home/ann', 'home/kim', 'spool', 'tmp'] as const;
const endings = ['', '.so', '.sh', '.conf', '.docx', '.pdf', '.dat'] as const;

/** Every so many files one that the whole fleet has. */
const sharedShare = 2;

const began = Date.parse('2026-01-01T00:00:00Z');
const perMillisecond = 1_000_000n;

/** What the agent of this index says that is on its disk: half of it all have, and half is its own. */
export function simulatedFiles(index: number, count: number): InventoriedFile[] {
  return Array.from({ length: count }, (_, place) => fileOf(index, place));
}

function fileOf(index: number, place: number): InventoriedFile {
  const bytes = place % sharedShare === 0 ? `shared ${place}` : `${index} ${place}`;
  const folder = folders[place % folders.length] ?? '';
  const ending = endings[(place + 3) % endings.length] ?? '';
  const at = String(BigInt(began + ((index * 7_919 + place * 104_729) % 20_000_000) * 1_000) * perMillisecond);
  const digest = (algorithm: string) => createHash(algorithm).update(bytes).digest('hex');
  return {
    path: parsePath(`/srv/${folder}/file-${place}${ending}`),
    size: 100 + ((index + place * 37) % 5_000) * 61,
    sha256: sha256Schema.parse(digest('sha256')),
    sha1: sha1Schema.parse(digest('sha1')),
    md5: md5Schema.parse(digest('md5')),
    ...{ modifiedNs: at, changedNs: at, createdNs: null, mode: 0o644, uid: 0, gid: 0, owner: 'root' },
    ...{ kind: ending === '.sh' ? 'script' : 'other', package: null },
  };
}
