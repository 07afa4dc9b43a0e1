import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** The bytes of all regular files below a directory. */
export async function allBytes(directory: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    bytes += entry.isFile() ? (await stat(join(entry.parentPath, entry.name))).size : 0;
  }
  return bytes;
}
