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
}
