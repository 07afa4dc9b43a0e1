import type { TaskId } from '#core/action/action-id.ts';
import type { FilePath } from '#core/file/file-path.ts';
import type { Sha256 } from '#core/file/hash.ts';

export interface QuarantineJob {
  readonly taskId: TaskId;
  readonly path: FilePath;
  readonly sha256: Sha256;
  /** Only bring what was begun to a true end; begin nothing. */
  readonly settle: boolean;
}

export interface RestoreJob {
  readonly taskId: TaskId;
  readonly sha256: Sha256;
  readonly settle: boolean;
}
