import type { FileOutcome, Task } from '../action/action.ts';
import { displayPath, type FilePath } from '../file/file-path.ts';
import type { Sha256 } from '../file/hash.ts';
import type { Outcome, OutcomeReason } from '../outcome.ts';
import type { Milliseconds } from '../time.ts';

export interface End {
  readonly outcome: Outcome;
  readonly reason: OutcomeReason;
  readonly message: string;
  readonly at: Milliseconds;
}

/** One outcome for every file of a task that ends without an agent's report. */
export function endFiles(task: Task, end: End): readonly FileOutcome[] {
  return askedFiles(task).map(({ path, sha256 }, ordinal) => ({
    taskId: task.id,
    ordinal,
    outcome: end.outcome,
    reason: end.reason,
    message: end.message,
    path,
    displayPath: path === null ? '' : displayPath(path),
    fileGuid: null,
    sha256,
    size: null,
    vaultObject: null,
    effect: null,
    losses: [],
    details: {},
    endedAt: end.at,
    deliveredAt: null,
  }));
}

/** How many outcomes `endFiles` makes. */
export function countFiles({ parameters }: Pick<Task, 'parameters'>): number {
  return parameters.verb === 'fetch' ? parameters.files.length : 1;
}

/** What a task was asked to do, file by file; how many files the other verbs meet is known to the endpoint only. */
function askedFiles({
  parameters,
}: Task): readonly { readonly path: FilePath | null; readonly sha256: Sha256 | null }[] {
  switch (parameters.verb) {
    case 'fetch':
      return parameters.files.map((file) => ({ path: file.path, sha256: null }));
    case 'quarantine':
      return [{ path: parameters.path, sha256: parameters.sha256 }];
    case 'restore':
    case 'restore_objects':
    case 'plan':
    case 'purge':
      return [{ path: null, sha256: parameters.sha256 }];
    case 'undo':
    case 'logs':
    case 'scan':
      return [{ path: null, sha256: null }];
    case 'search':
      return [{ path: null, sha256: parameters.pattern.by === 'sha256' ? parameters.pattern.sha256 : null }];
  }
}
