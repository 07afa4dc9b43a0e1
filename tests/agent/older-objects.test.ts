import { expect, test } from 'bun:test';
import { chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Encrypter } from 'age-encryption';
import { restore } from '#agent/operations/restore.ts';
import { tidy } from '#agent/operations/tidy.ts';
import type { Platform } from '#agent/platform/platform.ts';
import { canonicalJson, type Metadata } from '#agent/vault/metadata.ts';
import { allRecords, objectFile, recordOf, writeRecord } from '#agent/vault/record.ts';
import { metadataOf } from './sealed-object.ts';
import { pathOf, restoreOf, sha256Of, type VaultWorld, vaultWorld } from './vault-world.ts';

const content = Buffer.from('what the first agents took\n');
const sha256 = sha256Of(content);

/** An object and its record as an agent made them that noted neither blocks, data, flags, the way nor details. */
async function holdAsBefore({ files, room }: VaultWorld): Promise<string> {
  const file = path.join(files, 'a');
  const { ino } = statSync(files);
  const facts: Partial<Metadata> = { path: pathOf(file), uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  const parent = { device: '7', inode: String(ino) };
  const { allocated, data, flags, chain, ...metadata } = metadataOf(content, { ...facts, parent, sparse: true });
  const encrypter = new Encrypter();
  encrypter.addRecipient(room.keys.recipient);
  encrypter.addRecipient(room.keys.recoveryRecipient);
  const text = Buffer.from(canonicalJson(metadata));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length);
  const { vaultObject } = metadata;
  writeFileSync(objectFile(room.vault, vaultObject), await encrypter.encrypt(Buffer.concat([length, text, content])));
  const { taskId, path: from, size, takenAt } = metadata;
  const record = { v: 1, vaultObject, taskId, path: from, sha256, size, takenAt, progress: { state: 'held' } };
  writeFileSync(path.join(room.vault, `${vaultObject}.json`), canonicalJson(record));
  return file;
}

test('what an older agent holds comes back, into the directory that it was taken from', async () => {
  using world = await vaultWorld();
  const file = await holdAsBefore(world);
  chmodSync(world.files, 0o777);
  expect(await restore(world.room, restoreOf(sha256))).toMatchObject([{ outcome: 'done', effect: 'returned' }]);
  expect([readFileSync(file), statSync(file).mode & 0o7777]).toEqual([content, 0o640]);
});

test('the record of an older object is made again from the object', async () => {
  using world = await vaultWorld();
  const file = await holdAsBefore(world);
  for (const { vaultObject } of allRecords(world.room.vault)) {
    rmSync(path.join(world.room.vault, `${vaultObject}.json`));
  }
  await tidy(world.room, []);
  expect(allRecords(world.room.vault)).toMatchObject([{ sha256, progress: { state: 'held' }, details: {} }]);
  expect(existsSync(file)).toBe(false);
});

test('records are made again before any other file system is touched, for it may be dead', async () => {
  using world = await vaultWorld();
  await holdAsBefore(world);
  const [held] = allRecords(world.room.vault);
  rmSync(path.join(world.room.vault, `${held?.vaultObject}.json`));
  const node = { device: '1', inode: '2' };
  const begun = metadataOf(content, { path: pathOf(path.join(world.files, 'begun')) });
  writeRecord(world.room.vault, recordOf(begun, { state: 'taking', stage: node, original: node }));
  const seen: number[] = [];
  const openParent: Platform['openParent'] = (file) => {
    seen.push(allRecords(world.room.vault).length);
    return world.room.platform.openParent(file);
  };
  await tidy({ ...world.room, platform: { ...world.room.platform, openParent } }, []);
  expect(seen[0]).toBe(2);
});
