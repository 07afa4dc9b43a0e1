import type { ReportedFile } from '#wire/report.ts';
import { ending } from '../operations/ending.ts';
import { Abandoned } from './perform.ts';

/** What a scan of all roots met. */
export interface ScanCounts {
  /** Files that are new, changed or gone. */
  readonly changed: number;
  readonly unreadable: number;
  /** Files that are so large that they are read after the scan. */
  readonly large: readonly unknown[];
}

export interface ScanRoom {
  /** Scans all roots from now on. @throws when the scan breaks again and again, or the agent is stopping. */
  rescan(): Promise<ScanCounts>;
}

/**
 * Has the inventory look at everything anew. What it found is on its way to the server before this ends.
 * @throws Abandoned when the signal is given.
 */
export async function performScan(room: ScanRoom, signal: AbortSignal): Promise<ReportedFile[]> {
  try {
    const { changed, unreadable, large } = await room.rescan();
    const message = [
      `All roots were scanned: ${changed} files are new, changed or gone.`,
      ...(unreadable > 0 ? [`${unreadable} could not be read.`] : []),
      ...(large.length > 0 ? [`${large.length} large ones are being read.`] : []),
    ].join(' ');
    return [{ ...ending({ outcome: 'done', message }), ordinal: 0 }];
  } catch (failure) {
    if (signal.aborted) {
      throw new Abandoned('The agent is stopping.', { cause: failure });
    }
    throw failure;
  }
}
