import type { Fs } from '#core/ports/fs.ts';
import type { Log } from '#core/ports/log.ts';
import { Journal } from '../journal/journal.ts';

/** For reading a journal that is somebody else's to complain about. */
export const silent: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** How many tasks have ended without a server that knows. */
export async function unsentReports(fs: Fs, journalDirectory: string): Promise<number> {
  const { journal } = await Journal.open(fs, journalDirectory, silent);
  return journal.unrecorded.length;
}
