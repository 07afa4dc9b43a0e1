import { rmSync } from 'node:fs';
import type { Log } from '#core/ports/log.ts';
import { type InventoryIndex, openIndex } from './index-file.ts';

/** An index that cannot be opened is thrown away: all that it costs is one full scan. */
export function openOrRenewIndex(file: string, log: Log): InventoryIndex {
  try {
    return openIndex(file);
  } catch (cause) {
    log.warn('The inventory’s index is damaged; it is made anew.', { cause });
    for (const suffix of ['', '-wal', '-shm']) {
      rmSync(`${file}${suffix}`, { force: true });
    }
    return openIndex(file);
  }
}
