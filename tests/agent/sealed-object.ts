import { closeSync, openSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { VaultKeys } from '#agent/operations/room.ts';
import type { Handle } from '#agent/platform/platform.ts';
import { encodeMetadata, type Metadata } from '#agent/vault/metadata.ts';
import { openObject, sealObject } from '#agent/vault/object.ts';
import { recordOf, writeRecord } from '#agent/vault/record.ts';
import { vaultObjectIdSchema } from '#core/file/vault-object-id.ts';
import { newTask, pathOf, sha256Of, type VaultWorld } from './vault-world.ts';

/** What an agent could have noted of a file with this content. */
export function metadataOf(content: Uint8Array, facts: Partial<Metadata> = {}): Metadata {
  return {
    v: 1,
    vaultObject: vaultObjectIdSchema.parse(crypto.randomUUID()),
    taskId: newTask(),
    takenAt: 1_790_000_000_000,
    path: pathOf('/srv/files/a'),
    sha256: sha256Of(content),
    size: content.length,
    mode: 0o640,
    uid: 1_000,
    gid: 1_001,
    accessedNs: '1790000000123456789',
    modifiedNs: '1790000001123456789',
    sparse: false,
    allocated: content.length,
    data: null,
    flags: 0,
    links: 1,
    original: { device: '1', inode: '2' },
    parent: { device: '1', inode: '3' },
    chain: [{ device: '1', inode: '3', uid: 0 }],
    attributes: [],
    ...facts,
  };
}

/** What an age program gets out of an object. */
export function plaintextOf(metadata: Metadata, content: Uint8Array): Buffer {
  const text = encodeMetadata(metadata);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length);
  return Buffer.concat([length, text, content]);
}

/** How long a file must be for its object's plaintext to have this length. */
export function sizeThatFills(plaintextBytes: number): number {
  const rest = (size: number) =>
    plaintextBytes - plaintextOf(metadataOf(Buffer.alloc(0), { size, allocated: size }), Buffer.alloc(0)).length;
  return rest(rest(plaintextBytes));
}

export interface Sealed {
  readonly file: string;
  readonly metadata: Metadata;
}

interface SealedAs {
  readonly directory: string;
  readonly keys: VaultKeys;
  readonly facts?: Partial<Metadata>;
}

/** A vault object with this content, as the agent makes it, in a directory. */
export async function seal(content: Uint8Array, { directory, keys, facts }: SealedAs): Promise<Sealed> {
  const metadata = metadataOf(content, facts);
  const file = path.join(directory, `${metadata.vaultObject}.age`);
  const plain = path.join(directory, 'plain');
  writeFileSync(plain, content);
  const source = openSync(plain, 'r') as Handle;
  try {
    await sealObject(file, { source, metadata, keys, progress: () => undefined });
  } finally {
    closeSync(source);
  }
  return { file, metadata };
}

export interface Opened {
  readonly metadata: Metadata;
  readonly content: Buffer;
}

/** All of an object, or the failure. */
export async function open(file: string, identity: string): Promise<Opened> {
  const { metadata, content } = await openObject(file, identity, () => undefined);
  return { metadata, content: Buffer.concat(await Array.fromAsync(content)) };
}

/** A file in a world's vault, with its record, as a quarantine leaves it. */
export async function hold(world: VaultWorld, content: Uint8Array, facts: Partial<Metadata> = {}): Promise<Sealed> {
  const { vault, keys } = world.room;
  const sealed = await seal(content, { directory: vault, keys, facts });
  rmSync(path.join(vault, 'plain'));
  writeRecord(vault, recordOf(sealed.metadata, { state: 'held' }));
  return sealed;
}
