import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export function sha256(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Everything below a directory, directories included, by absolute path. */
export function allBelow(directory: string): readonly string[] {
  if (!existsSync(directory)) {
    return [];
  }
  return readdirSync(directory, { recursive: true, encoding: 'utf8' }).map((name) => join(directory, name));
}

/** Regular files and sockets below a directory. */
export function filesBelow(directory: string): readonly string[] {
  return allBelow(directory).filter((path) => !lstatSync(path).isDirectory());
}

/** Mode, owner, group, modification time in nanoseconds, and bytes: what a restore must bring back. */
export function portrait(path: string): Readonly<Record<string, string>> {
  const { mode, uid, gid, mtimeNs } = lstatSync(path, { bigint: true });
  return {
    mode: (mode & 0o7777n).toString(8),
    owner: `${uid}:${gid}`,
    modified: String(mtimeNs),
    sha256: sha256(readFileSync(path)),
  };
}
