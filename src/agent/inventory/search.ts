import { Fault } from '#core/fault.ts';
import { type Ending, ending } from '../operations/ending.ts';
import { Findings } from './findings.ts';
import { openIndex } from './index-file.ts';
import { searchIndex } from './search-index.ts';
import { searchLive } from './search-live.ts';
import type { SearchJob, SearchTools } from './search-tools.ts';

/**
 * Finds files by hash, path, glob or regular expression, in the index or on the file system.
 * @returns one ending per file, `done`; a single one without a path where there is none.
 */
export function search(room: SearchTools['room'], job: SearchJob): readonly Ending[] {
  const tools = { ...job, room };
  const { live, limit } = job.parameters;
  const monotonic = room.clock.monotonic;
  const findings = new Findings({ policy: job.policy, live, limit, monotonic, ends: monotonic() + job.patience });
  try {
    if (live) {
      searchLive(tools, findings);
    } else {
      searchOverIndex(tools, findings);
    }
  } catch (failure) {
    if (failure instanceof Fault && failure.code === 'invalid_request') {
      return [ending({ outcome: 'refused', reason: 'order_rejected', message: failure.message })];
    }
    throw failure;
  }
  return findings.endings();
}

function searchOverIndex(tools: SearchTools, findings: Findings): void {
  const index = openIndex(tools.database);
  try {
    searchIndex(tools, index, findings);
  } finally {
    index.close();
  }
}
