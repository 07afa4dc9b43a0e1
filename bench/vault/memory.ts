import { createHash } from 'node:crypto';
import { closeSync, openSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Handle } from '#agent/platform/platform.ts';
import type { Metadata } from '#agent/vault/metadata.ts';
import { sealObject, verifyObject } from '#agent/vault/object.ts';
import { taskIdSchema } from '#core/action/action-id.ts';
import { filePathSchema } from '#core/file/file-path.ts';
import { sha256Schema } from '#core/file/hash.ts';
import { vaultObjectIdSchema } from '#core/file/vault-object-id.ts';
import { benchKeys, mebibyte } from './keys.ts';

/**
 * `MIB DIRECTORY`: seals a sparse file into an object and verifies it, as a quarantine does; memory in bytes and times in
 * seconds, as JSON. A script, alone in its process.
 */
const [mebibytes, directory = ''] = process.argv.slice(2);
const size = Number(mebibytes) * mebibyte;
const [plain, object] = [path.join(directory, 'plain'), path.join(directory, 'object')];

function hashOfZeros(): string {
  const hash = createHash('sha256');
  const zeros = new Uint8Array(mebibyte);
  for (let position = 0; position < size; position += zeros.length) {
    hash.update(zeros);
  }
  return hash.digest('hex');
}

function metadata(): Metadata {
  const node = { device: '1', inode: '1' };
  return {
    v: 1,
    vaultObject: vaultObjectIdSchema.parse('00000000-0000-8000-8000-000000000000'),
    taskId: taskIdSchema.parse('0'.repeat(32)),
    takenAt: 0,
    path: filePathSchema.parse(new Uint8Array(Buffer.from('/bench'))),
    sha256: sha256Schema.parse(hashOfZeros()),
    size,
    ...{ mode: 0o600, uid: 0, gid: 0, accessedNs: '0', modifiedNs: '0', flags: 0, links: 1 },
    ...{ sparse: true, allocated: 0, data: null, original: node, parent: node, chain: [], attributes: [] },
  };
}

writeFileSync(plain, '');
truncateSync(plain, size);
const source = openSync(plain, 'r') as Handle;
const keys = await benchKeys();
const described = metadata();
const idle = process.memoryUsage().rss;
const start = performance.now();
await sealObject(object, { source, metadata: described, keys, progress: () => undefined });
const sealed = performance.now();
await verifyObject(object, keys.identity, () => undefined);
const verified = performance.now();
closeSync(source);
const peak = process.resourceUsage().maxRSS * 1_024;
process.stdout.write(
  JSON.stringify({ idle, peak, sealed: (sealed - start) / 1_000, verified: (verified - sealed) / 1_000 }),
);
