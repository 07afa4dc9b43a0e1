import type { TaskId } from '#core/action/action-id.ts';
import type {
  PlanParameters,
  PurgeParameters,
  RestoreObjectsParameters,
  RestoreParameters,
  UndoParameters,
} from '#core/action/verb.ts';
import type { FilePath } from '#core/file/file-path.ts';
import type { Sha256 } from '#core/file/hash.ts';

/** One run of one task; every run begins with what the run before it left. */
interface Run {
  readonly taskId: TaskId;
  /** Only bring what was begun to a true end; begin nothing. */
  readonly settle: boolean;
}

export interface QuarantineJob extends Run {
  readonly path: FilePath;
  /** Null: whichever file stands there. */
  readonly sha256: Sha256 | null;
  /** Takes what the system or a package needs, too; never what is the agent's own. */
  readonly overrideProtection: boolean;
}

/** Every copy with the hash that the index names. */
export interface CopiesJob extends Run {
  readonly sha256: Sha256;
  readonly overrideProtection: boolean;
  /** The file of the index. */
  readonly database: string;
  /** Copies that an earlier run got stuck on: not touched by this one. */
  readonly except: readonly FilePath[];
}

export interface RestoreJob extends Run, Omit<RestoreParameters, 'verb'> {}

export interface RestoreObjectsJob extends Run, Omit<RestoreObjectsParameters, 'verb'> {}

export interface PlanJob extends Run, Omit<PlanParameters, 'verb'> {}

/** All that one quarantine took. */
export interface UndoJob extends Run, Pick<UndoParameters, 'ifOccupied'> {
  /** The task of the quarantine. */
  readonly undoes: TaskId;
}

export interface PurgeJob extends Run, Omit<PurgeParameters, 'verb'> {}
