import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Fs } from '#core/ports/fs.ts';
import { directoriesSync } from './directory-sync.ts';
import { systemErrorCode } from './system-error.ts';

/** Counted, so that two writes of one file never share a temporary name. */
let writes = 0;

/** What ends in this was being written when the power went; it never counts. */
const temporarySuffix = '.new';

/** The `Fs` port on this machine's disk, for files inside the agent's own data directory. */
export const durableFiles: Fs = {
  async read(file) {
    try {
      return new Uint8Array(await readFile(file));
    } catch (failure) {
      if (systemErrorCode(failure) === 'ENOENT') {
        return undefined;
      }
      throw failure;
    }
  },
  async replace(file, bytes) {
    writes += 1;
    const temporary = `${file}.${process.pid}-${writes}${temporarySuffix}`;
    try {
      await writeDurably(temporary, bytes);
      await rename(temporary, file);
    } catch (failure) {
      await rm(temporary, { force: true });
      throw failure;
    }
    await syncDirectory(path.dirname(file));
  },
  async remove(file) {
    await rm(file, { force: true });
    await syncDirectory(path.dirname(file));
  },
  async list(directory) {
    try {
      const names = await readdir(directory);
      return names.filter((name) => !name.endsWith(temporarySuffix)).toSorted();
    } catch (failure) {
      if (systemErrorCode(failure) === 'ENOENT') {
        return [];
      }
      throw failure;
    }
  },
  async makeDirectory(directory) {
    await mkdir(directory, { recursive: true, mode: 0o700 });
  },
};

async function writeDurably(file: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(file, 'wx', 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function syncDirectory(directory: string): Promise<void> {
  if (!directoriesSync) {
    return;
  }
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
