import { createHash } from 'node:crypto';
import type { FeedIndex } from '#agent/inventory/feed.ts';
import type { IndexedFile, IndexPlace } from '#agent/inventory/index-file.ts';
import { parsePath } from '#core/file/file-path.ts';
import { md5Schema, type Sha256, sha1Schema, sha256Schema } from '#core/file/hash.ts';
import type { SimulatedDisk } from './disk.ts';

/** Where users' files are. */
export const userDirectory = '/srv';

const hashes = new WeakMap<Uint8Array, Sha256>();

export function sha256Of(bytes: Uint8Array): Sha256 {
  const known = hashes.get(bytes);
  if (known !== undefined) {
    return known;
  }
  const hash = sha256Schema.parse(createHash('sha256').update(bytes).digest('hex'));
  hashes.set(bytes, hash);
  return hash;
}

/** An agent's index of the files under its root: made anew with each life, told as the real one is. */
export class FileIndex implements FeedIndex {
  readonly complete = true;
  readonly #disk: SimulatedDisk;
  readonly #files = new Map<string, IndexedFile & { readonly sha256: Sha256 | undefined; isDirty: boolean }>();
  #version = 0;

  constructor(disk: SimulatedDisk) {
    this.#disk = disk;
    this.look(disk.names(userDirectory).map((name) => `${userDirectory}/${name}`));
  }

  /** Takes up what has become of these. @returns whether anything has changed. */
  look(paths: readonly string[]): boolean {
    const before = this.#version;
    for (const path of paths) {
      const bytes = this.#disk.get(path);
      const sha256 = bytes && sha256Of(bytes);
      if (this.#files.get(path)?.sha256 !== sha256) {
        this.#version += 1;
        this.#files.set(path, { ...indexed(path, bytes), version: this.#version, sha256, isDirty: true });
      }
    }
    return this.#version !== before;
  }

  presentAfter(place: IndexPlace | undefined, limit: number): readonly IndexedFile[] {
    const after = place === undefined ? '' : nameOf(place);
    return this.#sorted()
      .filter((file) => file.file !== undefined && nameOf(file) > after)
      .slice(0, limit);
  }

  dirty(limit: number): readonly IndexedFile[] {
    return this.#sorted()
      .filter(({ isDirty }) => isDirty)
      .slice(0, limit);
  }

  confirm(files: readonly IndexedFile[]): void {
    for (const { path, version } of files) {
      const known = this.#files.get(Buffer.from(path).toString());
      if (known?.version === version) {
        known.isDirty = false;
      }
    }
  }

  #sorted() {
    return [...this.#files].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, file]) => file);
  }
}

function nameOf({ name }: IndexPlace): string {
  return Buffer.from(name).toString();
}

function indexed(path: string, bytes: Uint8Array | undefined): Omit<IndexedFile, 'version'> {
  const [directory, name] = [userDirectory, path.slice(userDirectory.length + 1)].map((text) => Buffer.from(text));
  const file = bytes && {
    path: parsePath(path),
    size: bytes.length,
    sha256: sha256Of(bytes),
    sha1: sha1Schema.parse(createHash('sha1').update(bytes).digest('hex')),
    md5: md5Schema.parse(createHash('md5').update(bytes).digest('hex')),
    modifiedNs: '1700000000000000000',
    changedNs: '1700000000000000000',
    createdNs: null,
    mode: 0o644,
    uid: 0,
    gid: 0,
    owner: 'root',
    kind: 'other' as const,
    package: null,
  };
  return {
    directory: new Uint8Array(directory ?? []),
    name: new Uint8Array(name ?? []),
    path: parsePath(path),
    inode: '1',
    file,
  };
}
