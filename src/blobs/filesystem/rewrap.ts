import { open, readdir, readFile, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { z } from 'zod';
import { DamagedObject } from '#age/damaged.ts';
import type { KeyRing } from '#age/key-ring.ts';
import { checkShape } from '#core/check-shape.ts';
import { Fault } from '#core/fault.ts';
import type { Sha256 } from '#core/file/hash.ts';
import type { Rewrapped } from '#core/ports/blobs.ts';
import { encodeHead, type HeadOwner, headBytes, openHead } from './head.ts';
import { type Layout, objectPath, partsSuffix, stagingPath, uploadsAmong } from './layout.ts';
import { listObjects } from './list-blobs.ts';
import { isNoFile, onMedium, unlessNoFile } from './medium.ts';
import { readAt, writeAt } from './open-chunks.ts';
import { replaceFile } from './replace-file.ts';
import { syncDirectory } from './sync-directory.ts';

/** Heads that are written between two looks at the journal. */
const batchHeads = 200;

const journalSchema = z.array(z.object({ file: z.string(), head: z.base64() }));

type NewHeads = z.infer<typeof journalSchema>;

/**
 * Locks every object and every unfinished upload to the current key: their heads are written again, in place, and nothing else.
 * New heads are in a durable journal before the first of them is written, so that a run that is cut off anywhere leaves none
 * that was written in half: the next start completes it, and the next run goes on with the rest.
 */
export async function rewrapAll(layout: Layout, keys: KeyRing): Promise<Rewrapped> {
  const damaged: Sha256[] = [];
  let rewrapped = 0;
  let batch: NewHeads = [];
  const flush = async () => {
    await onMedium('lock objects to a new key', () => writeHeads(layout, batch));
    batch = [];
  };
  for await (const { file, owner } of sealedFiles(layout)) {
    const head = await onMedium('read a head', () => newHeadOf(file, owner, keys));
    if (head === 'damaged') {
      damaged.push(...(owner.kind === 'custody-sha256' ? [owner.hash] : []));
    } else if (head !== 'current') {
      rewrapped += 1;
      batch.push({ file: relative(layout.root, file), head: Buffer.from(head).toString('base64') });
    }
    if (batch.length === batchHeads) {
      await flush();
    }
  }
  await flush();
  return { rewrapped, damaged };
}

type Owner = HeadOwner &
  ({ readonly kind: 'custody-sha256'; readonly hash: Sha256 } | { readonly kind: 'custody-upload' });

async function* sealedFiles(layout: Layout): AsyncGenerator<{ readonly file: string; readonly owner: Owner }> {
  for await (const { hash, isSealed } of listObjects(layout)) {
    if (isSealed) {
      yield { file: objectPath(layout, hash).path, owner: { kind: 'custody-sha256', name: hash, hash } };
    }
  }
  for (const upload of uploadsAmong(await onMedium('list its uploads', () => readdir(layout.staging)))) {
    yield { file: stagingPath(layout, upload) + partsSuffix, owner: { kind: 'custody-upload', name: upload } };
  }
}

async function newHeadOf(file: string, owner: HeadOwner, keys: KeyRing): Promise<Uint8Array | 'current' | 'damaged'> {
  const bytes = new Uint8Array(headBytes);
  try {
    const handle = await open(file, 'r');
    const read = await readAt(handle, bytes, 0).finally(() => handle.close());
    const head = await openHead(keys, bytes.subarray(0, read), owner);
    return head.isCurrent ? 'current' : await encodeHead(keys, head, owner);
  } catch (thrown) {
    // An upload of which a crash left one of its two files.
    if (thrown instanceof DamagedObject || isNoFile(thrown)) {
      return 'damaged';
    }
    throw thrown;
  }
}

async function writeHeads(layout: Layout, heads: NewHeads): Promise<void> {
  if (heads.length === 0) {
    return;
  }
  await replaceFile(layout.rewrap, JSON.stringify(heads));
  await completeRewrap(layout);
}

/** @throws Fault `conflict` while heads are being written, or when that was cut off. */
export async function demandNoRewrap(layout: Layout): Promise<void> {
  if ((await readFile(layout.rewrap).catch(unlessNoFile)) !== undefined) {
    throw new Fault(
      'conflict',
      'The evidence key is being changed, or that was cut off. Let `custody server rotate-evidence-key` end first.',
    );
  }
}

/** What a run that was cut off has left in its journal. Writing a head again does no harm. */
export async function completeRewrap(layout: Layout): Promise<void> {
  const text = await readFile(layout.rewrap, 'utf8').catch(unlessNoFile);
  if (text === undefined) {
    return;
  }
  const parsed = checkShape(journalSchema, JSON.parse(text));
  if (!parsed.success) {
    throw new Fault(
      'evidence_unavailable',
      `${layout.rewrap} cannot be read. Restore it, or the evidence, from a backup.`,
      {
        cause: parsed.error,
      },
    );
  }
  for (const { file, head } of parsed.data) {
    const handle = await open(join(layout.root, file), 'r+').catch(unlessNoFile);
    if (handle !== undefined) {
      await writeAt(handle, Buffer.from(head, 'base64'), 0)
        .then(() => handle.datasync())
        .finally(() => handle.close());
    }
  }
  await rm(layout.rewrap, { force: true });
  await syncDirectory(layout.root);
}
