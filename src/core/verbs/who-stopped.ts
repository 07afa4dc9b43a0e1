import type { TaskId } from '../action/action-id.ts';
import type { CustodyEvent, EventType } from '../custody/event.ts';
import type { Ports } from '../ports/ports.ts';
import type { DescribedAction, DescribedTask } from './describe-action.ts';

/** What stops tasks of an action. */
const stops: readonly EventType[] = ['action_cancelled', 'batch_closed', 'approval_refused'];
/** Far more than an action is stopped. */
const mostEvents = 1_000;

/**
 * Who stopped those tasks that were stopped, by name. Where several people stopped parts of an action, and which of them stopped a
 * task cannot be told, it is left out.
 */
export async function whoStopped(
  { store }: Pick<Ports, 'store'>,
  { action, tasks }: DescribedAction,
): Promise<ReadonlyMap<TaskId, string>> {
  const stopped = tasks.filter(({ status }) => status === 'cancelled' || status === 'aborted');
  if (stopped.length === 0) {
    return new Map();
  }
  const filter = { types: stops, actionId: action.id };
  const events = await store.read((reader) => reader.events.list(filter, 0, mostEvents));
  return new Map(
    stopped.flatMap((described): [TaskId, string][] => {
      const name = onlyName(candidates(described, events));
      return name === undefined ? [] : [[described.task.id, name]];
    }),
  );
}

/** A task that no agent had ended at the very moment; where one was asked to stop, its report came later. */
function candidates({ task, status }: DescribedTask, events: readonly CustodyEvent[]): readonly CustodyEvent[] {
  return status === 'cancelled' ? events.filter(({ at }) => at === task.endedAt) : events;
}

function onlyName(events: readonly CustodyEvent[]): string | undefined {
  const names = new Set(events.map(({ actor }) => actor.name));
  return names.size === 1 ? [...names][0] : undefined;
}
