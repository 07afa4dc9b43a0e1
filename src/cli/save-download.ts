import { open, unlink } from 'node:fs/promises';
import type { Download } from '#sdk/download.ts';
import { UsageError } from './command-error.ts';
import type { CommandIo } from './command-io.ts';

/**
 * Writes a download to a new file, or to standard output for `-`. A file that was there is never overwritten, and
 * half a download leaves none.
 * @returns how many bytes there were.
 */
export async function saveDownload(io: CommandIo, download: Download, target: string): Promise<number> {
  if (target === '-') {
    return pass(download, (chunk) => io.out(chunk));
  }
  const handle = await create(target);
  try {
    const size = await pass(download, async (chunk) => {
      await handle.writeFile(chunk);
    });
    await handle.sync();
    return size;
  } catch (error) {
    await unlink(target);
    throw error;
  } finally {
    await handle.close();
  }
}

async function create(path: string) {
  try {
    return await open(path, 'wx', 0o600);
  } catch (cause) {
    const exists = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST';
    const why = exists ? 'exists already' : 'cannot be written';
    throw new UsageError(`${path} ${why}; choose another with --output.`, { cause });
  }
}

async function pass({ body }: Download, write: (chunk: Uint8Array) => Promise<void>): Promise<number> {
  let size = 0;
  for await (const chunk of body) {
    await write(chunk);
    size += chunk.length;
  }
  return size;
}
