import type { FilePath } from '#core/file/file-path.ts';
import type { Sha256 } from '#core/file/hash.ts';
import type { Order } from '#wire/order.ts';
import type { ReportedFile } from '#wire/report.ts';
import { type Ending, ending } from '../operations/ending.ts';

interface Named {
  readonly path: FilePath | null;
  readonly sha256: Sha256 | null;
}

/** One and the same ending for every file that an order names. */
export function forEveryFile(
  order: Order,
  facts: Pick<Ending, 'outcome' | 'reason' | 'message'> & Partial<Pick<Ending, 'details'>>,
): ReportedFile[] {
  return filesOf(order).map((file, ordinal) => ({ ...ending({ ...facts, ...file }), ordinal }));
}

export function expired(order: Order): ReportedFile[] {
  return forEveryFile(order, {
    outcome: 'expired',
    reason: 'deadline_passed',
    message: 'The order’s deadline had passed before the agent could begin; nothing was done.',
  });
}

export function cancelled(order: Order): ReportedFile[] {
  return forEveryFile(order, {
    outcome: 'cancelled',
    reason: 'withdrawn',
    message: 'The order was withdrawn before the agent began; nothing was done.',
  });
}

/** Of a quarantine whose order this agent never had, and will not execute when it comes. */
export function undoneBefore(): ReportedFile {
  const message = 'The quarantine was undone before its order came here; it is not executed, and nothing was done.';
  return { ...ending({ outcome: 'cancelled', reason: 'superseded', message }), ordinal: 0 };
}

export function failed(order: Order, thrown: unknown): ReportedFile[] {
  const words = thrown instanceof Error ? thrown.message : String(thrown);
  return forEveryFile(order, { outcome: 'agent_error', reason: null, message: words });
}

function filesOf({ parameters }: Order): readonly Named[] {
  switch (parameters.verb) {
    case 'fetch':
      return parameters.files.map(({ path }) => ({ path, sha256: null }));
    case 'quarantine':
      return [{ path: parameters.path, sha256: parameters.sha256 }];
    case 'restore':
    case 'restore_objects':
    case 'plan':
    case 'purge':
      return [{ path: null, sha256: parameters.sha256 }];
    case 'undo':
    case 'search':
    case 'logs':
    case 'scan':
      return [{ path: null, sha256: null }];
  }
}
