import type { SearchParameters } from '#core/action/verb.ts';
import { type FilePath, filePathSchema } from '#core/file/file-path.ts';
import type { Clock } from '#core/ports/clock.ts';
import { type Milliseconds, minute } from '#core/time.ts';
import type { Order } from '#wire/order.ts';
import type { ReportedFile } from '#wire/report.ts';
import { type JobResult, runJob } from '../child/run-job.ts';
import type { ChildOptions } from '../child/spawn.ts';
import { type Ending, ending } from '../operations/ending.ts';
import type { EndpointPolicy } from '../policy/policy.ts';
import { Abandoned } from './perform.ts';
import type { Heed } from './task-gate.ts';

export interface SearchRoom {
  readonly child: ChildOptions;
  readonly clock: Clock;
  /** The file of the inventory's index. */
  readonly database: string;
  readonly roots: readonly string[];
  /** The agent's own directory, which is not searched. */
  readonly skip: readonly string[];
}

type SearchOrder = Order & { readonly parameters: SearchParameters };

/** How long a search may look. The child stops by itself and tells what it has; one that does not is killed. */
const patience: Milliseconds = 10 * minute;
/** A search changes nothing: one that crashed is simply begun again. */
const attempts = 2;

/**
 * Runs a search in a child. A regular expression or a file system that never comes to an end takes nothing but the child
 * with it. One that is withdrawn ends at once: it changes nothing, and what it had found is not told.
 * @throws Abandoned when the signal is given.
 */
export async function performSearch(
  room: SearchRoom,
  { order, policy }: { readonly order: SearchOrder; readonly policy: EndpointPolicy },
  { signal, gate }: Heed,
): Promise<ReportedFile[]> {
  const { child, database, skip } = room;
  const { parameters } = order;
  const roots = room.roots.map(pathOf);
  const job = { kind: 'search' as const, database, roots, skip: [...skip], policy, parameters, patience };
  const deadline = new AbortController();
  const withdraw = room.clock.schedule(patience + child.patience, () => deadline.abort());
  try {
    const either = AbortSignal.any([signal, deadline.signal, gate.closed]);
    let result: JobResult = { ok: false, end: 'crashed' };
    for (let attempt = 1; attempt <= attempts && !result.ok && result.end === 'crashed'; attempt += 1) {
      result = await runJob(child, job, either);
    }
    if (signal.aborted && !result.ok) {
      throw new Abandoned('The agent is stopping.');
    }
    if (gate.closed.aborted && !result.ok) {
      return [{ ...withdrawn(parameters), ordinal: 0 }];
    }
    return endingsOf(result, parameters).map((each, ordinal) => ({ ...each, ordinal }));
  } finally {
    withdraw();
  }
}

function withdrawn({ pattern }: SearchParameters): Ending {
  const sha256 = pattern.by === 'sha256' ? pattern.sha256 : null;
  const message = 'The search was withdrawn and ended before it had looked everywhere; what it had found is not told.';
  return ending({ outcome: 'cancelled', reason: 'withdrawn', message, sha256 });
}

function endingsOf(result: JobResult, { pattern, live }: SearchParameters): readonly Ending[] {
  if (result.ok && result.answer.type === 'endings' && result.answer.endings.length > 0) {
    return result.answer.endings;
  }
  if (result.ok) {
    throw new Error(result.answer.type === 'failed' ? result.answer.message : 'A child answered another question.');
  }
  if (result.end === 'crashed') {
    return [ending({ outcome: 'agent_error', message: 'The search crashed, and again when it was begun anew.' })];
  }
  const why = pattern.by === 'regex' ? 'The regular expression did not come to an end' : 'The search made no progress';
  const orElse = live ? ', or a file system does not answer' : '';
  return [ending({ outcome: 'interrupted', message: `${why}${orElse}; the search was ended.` })];
}

function pathOf(root: string): FilePath {
  return filePathSchema.parse(new Uint8Array(Buffer.from(root)));
}
