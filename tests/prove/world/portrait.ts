import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import { sha256Of } from './world.ts';

export interface Seen {
  /** Relative to what was looked at; latin1, so that every name is itself. */
  readonly name: string;
  readonly inode: bigint;
  readonly kind: 'file' | 'directory' | 'link' | 'other';
  /** Of a file's bytes, or of a link's target. */
  readonly sha256: string;
  /** Kind and permissions, owner, group, modification time: what no one may have changed. */
  readonly shape: string;
}

/** Everything below a directory, which must not change while it is looked at. */
export function look(directory: string): readonly Seen[] {
  return lookInto(Buffer.from(directory), '');
}

function lookInto(directory: Buffer, prefix: string): readonly Seen[] {
  return readdirSync(directory, { encoding: 'buffer' }).flatMap((name) => {
    const entry = Buffer.concat([directory, Buffer.from('/'), name]);
    const seen = seeOne(entry, path.join(prefix, name.toString('latin1')));
    return seen.kind === 'directory' ? [seen, ...lookInto(entry, seen.name)] : [seen];
  });
}

function seeOne(entry: Buffer, name: string): Seen {
  const stats = lstatSync(entry, { bigint: true });
  const shape = [stats.mode.toString(8), stats.uid, stats.gid, stats.isDirectory() ? '' : stats.mtimeNs].join(' ');
  if (stats.isFile()) {
    return { name, inode: stats.ino, kind: 'file', sha256: sha256Of(readFileSync(entry)), shape };
  }
  if (stats.isSymbolicLink()) {
    return {
      name,
      inode: stats.ino,
      kind: 'link',
      sha256: sha256Of(readlinkSync(entry, { encoding: 'buffer' })),
      shape,
    };
  }
  return { name, inode: stats.ino, kind: stats.isDirectory() ? 'directory' : 'other', sha256: '', shape };
}

/** One text for a whole directory: equal texts, equal directories. */
export function portraitOf(directory: string): string {
  return look(directory)
    .map(({ name, inode, sha256, shape }) => [name, inode, sha256, shape].join(' '))
    .toSorted()
    .join('\n');
}
