import type { FilePath } from '#core/file/file-path.ts';
import type { Sha256 } from '#core/file/hash.ts';
import { systemName } from '../platform/system-name.ts';
import { type Ending, ending } from './ending.ts';

/** On a system whose agent has not been shown to take files safely: refusing clearly beats guessing. */
export function notTakenHere(job: { readonly sha256: Sha256 | null; readonly path?: FilePath }): Ending {
  return ending({
    outcome: 'unsupported',
    reason: 'platform',
    message: `The agent takes no files away on ${systemName()} yet, and brings none back; nothing was done.`,
    sha256: job.sha256,
    path: job.path ?? null,
  });
}
