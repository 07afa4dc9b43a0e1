import type { FilePath } from '#core/file/file-path.ts';
import type { VaultRecord } from '../vault/record.ts';
import type { HandleScope } from './handle-scope.ts';
import type { RestoreJob } from './quarantine-job.ts';
import type { VaultRoom } from './room.ts';

/** One held file on its way back, and all that is needed for it. */
export interface Returning {
  readonly room: VaultRoom;
  readonly scope: HandleScope;
  readonly job: RestoreJob;
  readonly record: VaultRecord;
  /** Where it goes. */
  readonly target: FilePath;
}

/** What an earlier run noted counts before what the order says. */
export function targetOf({ to }: RestoreJob, { path, progress }: VaultRecord): FilePath {
  return progress.state === 'returning' || progress.state === 'restored' ? progress.target : (to ?? path);
}
