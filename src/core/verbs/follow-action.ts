import type { Action } from '../action/action.ts';
import type { ActionId } from '../action/action-id.ts';
import { type ActionStatus, isEndedStatus } from '../action/action-status.ts';
import { Alarm } from '../custody/alarm.ts';
import type { Uploaded } from '../file/upload-progress.ts';
import type { KnownApproval } from '../guard/approval.ts';
import type { Ports } from '../ports/ports.ts';
import { type Milliseconds, second } from '../time.ts';
import { type DescribedAction, type DescribedTask, describeAction } from './describe-action.ts';
import { type Follower, type FollowPorts, heartbeat, readStanding } from './follow-events.ts';

/** How far an action is, without its tasks. */
export interface ActionProgress {
  readonly action: Action;
  readonly status: ActionStatus;
  readonly approval: KnownApproval | null;
  /** Endpoints by how it stands there; those that none stands at are left out. */
  readonly counts: Readonly<Partial<Record<ActionStatus, number>>>;
  /** Endpoints where it has ended. */
  readonly endedCount: number;
}

/** As somebody follows it. */
export interface FollowedAction extends ActionProgress {
  /** What has come of the files that it brings; null: nothing is on its way. */
  readonly upload: Uploaded | null;
}

/** Whether agents have taken an order is no event, so that it is looked at without a ring. */
const lookInterval: Milliseconds = 2 * second;
const pace: Milliseconds = second / 2;
/** To look at an action of a whole fleet takes a while; it shall not be the server's main work. */
const shareOfTime = 10;

/**
 * An action's progress at once and then whenever it changes, until it has ended; undefined where only the time has passed.
 * @throws Fault `not_found`, as `demandStanding`, and those of the store
 */
export async function* followAction(
  ports: FollowPorts & Pick<Ports, 'uploadProgress'>,
  id: ActionId,
  { standing, signal }: Follower,
): AsyncGenerator<FollowedAction | undefined> {
  const { clock } = ports;
  const alarm = new Alarm(ports, signal);
  try {
    let told = '';
    let toldAt = clock.monotonic();
    while (!signal.aborted) {
      const beganAt = clock.monotonic();
      await readStanding(ports, standing, async () => undefined);
      const described = await describeAction(ports, id);
      const progress = { ...progressOf(described), upload: uploadOf(ports, described.tasks) };
      const { status, counts, approval, upload, action } = progress;
      const seen = JSON.stringify([status, counts, approval, upload, action.closedAt]);
      if (seen !== told || clock.monotonic() - toldAt >= heartbeat) {
        yield seen === told ? undefined : progress;
        told = seen;
        toldAt = clock.monotonic();
      }
      if (isEndedStatus[status]) {
        return;
      }
      const took = clock.monotonic() - beganAt;
      const atLeast = Math.max(pace, took * shareOfTime);
      await alarm.sleep({ atLeast, atMost: Math.max(lookInterval, atLeast) });
    }
  } finally {
    alarm.close();
  }
}

/** Of what has ended nothing is on its way, whatever came of it. */
export function uploadOf(
  { uploadProgress }: Pick<Ports, 'uploadProgress'>,
  tasks: readonly DescribedTask[],
): Uploaded | null {
  return uploadProgress.of(tasks.filter(({ status }) => !isEndedStatus[status]).map(({ task }) => task.id));
}

/** How far an action is: on how many endpoints it stands how, and on how many it has ended. */
export function progressOf({ action, status, approval, tasks }: DescribedAction): ActionProgress {
  const byStatus = Map.groupBy(tasks, (task) => task.status);
  const counts = Object.fromEntries([...byStatus].map(([each, of]) => [each, of.length]));
  return {
    ...{ action, status, approval, counts },
    endedCount: tasks.filter((task) => isEndedStatus[task.status]).length,
  };
}
