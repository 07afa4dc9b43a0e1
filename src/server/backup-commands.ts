import { type BackupOptions, makeBackup } from './backup.ts';
import type { Manifest } from './backup-format.ts';
import { openBlobs, openStore } from './compose.ts';
import type { ConfigSources } from './config.ts';
import { openDataDirectory, prepare } from './open-data-directory.ts';
import { restoreBackup } from './restore-backup.ts';

/** `custody backup`: beside a running server or without one; the records are read on one snapshot. */
export async function backUp(sources: ConfigSources, options: BackupOptions): Promise<Manifest> {
  const { machine, directory, config } = await prepare(sources);
  const store = await openStore(machine, directory, config);
  const blobs = await openBlobs(machine, directory, config);
  try {
    return await makeBackup({ machine, directory, store, blobs }, options);
  } finally {
    await blobs?.close();
    await store.close();
  }
}

/** `custody backup restore`: into an empty data directory, with no server running. */
export async function bringBack(sources: ConfigSources, file: string): Promise<Manifest> {
  const { machine, directory, config, lock } = await openDataDirectory(sources);
  try {
    const store = await openStore(machine, directory, config);
    const blobs = await openBlobs(machine, directory, config);
    try {
      return await restoreBackup({ machine, directory, store, blobs }, file);
    } finally {
      await blobs?.close();
      await store.close();
    }
  } finally {
    lock.release();
  }
}
