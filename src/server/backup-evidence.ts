import { pipeline } from 'node:stream/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Pack } from 'tar-stream';
import { Fault } from '#core/fault.ts';
import type { Sha256 } from '#core/file/hash.ts';
import type { BlobStore } from '#core/ports/blobs.ts';
import type { Store } from '#core/ports/store/store.ts';
import { lossOf } from '#core/verbs/lost-evidence.ts';
import { recordDamage } from '#core/verbs/record-damage.ts';
import { evidencePrefix, type Manifest } from './backup-format.ts';
import type { Machine } from './compose.ts';
import type { DataDirectory } from './data-directory.ts';

export interface EvidenceParts {
  readonly machine: Machine;
  readonly directory: DataDirectory;
  readonly store: Store;
  readonly blobs: BlobStore | undefined;
  /** The file with the key that `blobs` was opened with; undefined where there was none yet. */
  readonly evidenceKey: Uint8Array | undefined;
}

/**
 * Adds the evidence, or, with no pack, none of its bytes. Left out is what was deleted, whose bytes may be on their way out, and what is
 * known to be damaged. A backup that was begun cannot take back what it has said of a file: where damage is met, the rest is read all the
 * same, so that the next backup meets no more of it.
 * @throws Fault `evidence_damaged` after all damage was recorded, `conflict` where the key was changed meanwhile
 */
export async function addEvidence(
  pack: Pack | undefined,
  parts: EvidenceParts,
): Promise<Pick<Manifest, 'evidence' | 'leftOut'>> {
  const { store, blobs } = parts;
  const evidence: { sha256: string; size: number }[] = [];
  const leftOut: string[] = [];
  const damaged: Sha256[] = [];
  for await (const sha256 of blobs?.list() ?? []) {
    const [record] = await store.read((reader) => reader.evidence.byHashes([sha256]));
    if (record !== undefined && lossOf(record) !== undefined) {
      leftOut.push(sha256);
      continue;
    }
    const size = (await blobs?.size(sha256)) ?? 0;
    evidence.push({ sha256, size });
    if (blobs !== undefined && pack !== undefined) {
      const content = { sha256, size };
      const work = damaged.length === 0 ? addContent(pack, blobs, content) : readContent(blobs, content);
      damaged.push(...(await damageOf(parts, sha256, work)));
    }
  }
  demandNone(damaged);
  return { evidence, leftOut };
}

interface Content {
  readonly sha256: Sha256;
  readonly size: number;
}

async function addContent(pack: Pack, blobs: BlobStore, { sha256, size }: Content): Promise<void> {
  const bytes = await blobs.read(sha256);
  await pipeline(bytes, pack.entry({ name: `${evidencePrefix}${sha256}`, size, mode: 0o600 }));
}

async function readContent(blobs: BlobStore, { sha256 }: Content): Promise<void> {
  for await (const _ of await blobs.read(sha256)) {
    // Only whether it can be read counts.
  }
}

async function damageOf(parts: EvidenceParts, sha256: Sha256, work: Promise<void>): Promise<readonly Sha256[]> {
  try {
    await work;
    return [];
  } catch (thrown) {
    if (!(thrown instanceof Fault && thrown.code === 'evidence_damaged')) {
      throw thrown;
    }
    await demandSameKey(parts, thrown);
    await recordDamage({ ...parts.machine, store: parts.store }, { sha256 });
    return [sha256];
  }
}

/** What was locked to another key meanwhile looks damaged to whoever has the older one, and is not. */
async function demandSameKey({ machine, directory, evidenceKey }: EvidenceParts, cause: Fault): Promise<void> {
  const now = await machine.fs.read(directory.evidenceKey);
  if (evidenceKey !== undefined && !isDeepStrictEqual(now, evidenceKey)) {
    throw new Fault('conflict', 'The evidence key was changed meanwhile. Make the backup again.', { cause });
  }
}

function demandNone(damaged: readonly Sha256[]): void {
  if (damaged.length > 0) {
    const what = damaged.length === 1 ? `The evidence ${damaged[0]} is` : `${damaged.length} files of the evidence are`;
    const advice = 'That is recorded now. Make the backup again: it will leave out what is damaged, and say so.';
    throw new Fault('evidence_damaged', `${what} damaged. ${advice}`, { details: { sha256: damaged } });
  }
}
