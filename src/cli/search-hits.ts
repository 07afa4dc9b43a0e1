import type { ActionWithTasks } from '#sdk/wait-for-action.ts';
import { type Table, table } from './table.ts';

type Task = ActionWithTasks['tasks'][number];

/** A file that an endpoint found. */
interface Hit {
  readonly endpointId: string;
  readonly hostName: string | null;
  readonly path: string;
  readonly sha256: string | null;
  readonly size: number | null;
  /** RFC 3339, to the millisecond; null where it is unknown. */
  readonly modifiedAt: string | null;
  readonly running: NonNullable<Task['files'][number]['details']['running']>;
  /** Whether it was found on the disk just now, and not in the index. */
  readonly live: boolean;
}

export function hitsOf({ tasks }: ActionWithTasks): readonly Hit[] {
  return tasks.flatMap((task) => task.files.flatMap((file) => hitOf(task, file)));
}

function hitOf({ endpointId, hostName }: Task, file: Task['files'][number]): readonly Hit[] {
  const { path, outcome, sha256, size, details } = file;
  if (path === null || outcome !== 'done') {
    return [];
  }
  const { modifiedNs, running = [], live = false } = details;
  return [{ endpointId, hostName, path, sha256, size, modifiedAt: instantOf(modifiedNs), running, live }];
}

export function hitTable(hits: readonly Hit[]): Table {
  return table(hits, {
    ENDPOINT: (hit) => hit.hostName ?? hit.endpointId,
    SIZE: (hit) => hit.size,
    MODIFIED: (hit) => hit.modifiedAt,
    SHA256: (hit) => hit.sha256,
    'RUN BY': (hit) => hit.running.map(({ pid }) => pid).join(', '),
    PATH: (hit) => hit.path,
  });
}

/** What the endpoints say of searches that were not whole, one line each. */
export function notesOf({ tasks }: ActionWithTasks): readonly string[] {
  return tasks.flatMap((task) => {
    const place = task.hostName ?? task.endpointId;
    const ended = task.files.filter((file) => file.outcome !== 'done');
    const failures = ended.map(({ outcome, message }) => `${place}: ${outcome}: ${message}`);
    const unanswered = task.files.length === 0 ? [`${place}: ${task.status}`] : [];
    const losses = new Set(task.files.flatMap((file) => file.losses));
    return [...unanswered, ...failures, ...[...losses].map((loss) => `${place}: ${loss}`)];
  });
}

const nanosecondsPerMillisecond = 1_000_000n;
/** The last moment that a date can be (ECMA-262, 21.4.1.1). */
const lastMoment = 8.64e15;

function instantOf(nanoseconds: string | undefined): string | null {
  const time = nanoseconds === undefined ? Number.NaN : Number(BigInt(nanoseconds) / nanosecondsPerMillisecond);
  return Math.abs(time) <= lastMoment ? new Date(time).toISOString() : null;
}
