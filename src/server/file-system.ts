import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Fs } from '#core/ports/fs.ts';

/** Custody's own files on the machine's disk. */
export const fileSystem: Fs = {
  async read(path) {
    try {
      return new Uint8Array(await readFile(path));
    } catch (error) {
      return whenMissing(error, undefined);
    }
  },
  async replace(path, bytes) {
    const temporary = `${path}.new`;
    const file = await open(temporary, 'w', 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncDirectory(dirname(path));
  },
  async remove(path) {
    await rm(path, { force: true });
    await syncDirectory(dirname(path));
  },
  async list(path) {
    try {
      return (await readdir(path)).sort();
    } catch (error) {
      return whenMissing(error, []);
    }
  },
  async makeDirectory(path) {
    await mkdir(path, { recursive: true, mode: 0o700 });
  },
};

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

function whenMissing<Value>(error: unknown, value: Value): Value {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
    return value;
  }
  throw error;
}
