/** Where a task stands. What happened on the endpoint is the outcomes' business; this is what the server knows. */
export const taskStates = [
  'held',
  'pending',
  'sent',
  'running',
  'cancelling',
  'finished',
  'expired',
  'cancelled',
] as const;

export type TaskState = (typeof taskStates)[number];

export const taskEvents = ['release', 'send', 'accept', 'report', 'refuse', 'cancel', 'expire'] as const;

export type TaskEvent = (typeof taskEvents)[number];

/**
 * State x event -> state; what is not listed is refused.
 *
 * `expired` still takes a report: a file that was quarantined, with the report delivered after the deadline, is a
 * fact, and the record must not contradict the disk. `pending` and `held` take one too, for a server restored from a
 * backup older than the endpoint's work.
 */
const taskLifeCycle = {
  held: { release: 'pending', report: 'finished', cancel: 'cancelled', expire: 'expired' },
  pending: { send: 'sent', accept: 'running', report: 'finished', cancel: 'cancelled', expire: 'expired' },
  sent: {
    send: 'sent',
    accept: 'running',
    report: 'finished',
    refuse: 'finished',
    cancel: 'cancelling',
    expire: 'expired',
  },
  running: { report: 'finished', refuse: 'finished', cancel: 'cancelling', expire: 'expired' },
  cancelling: { report: 'finished', refuse: 'finished', expire: 'expired' },
  finished: {},
  expired: { report: 'finished' },
  cancelled: {},
} as const satisfies Record<TaskState, Partial<Record<TaskEvent, TaskState>>>;

/** The state that follows, or undefined where the event is refused. */
export function nextState(state: TaskState, event: TaskEvent): TaskState | undefined {
  const row: Partial<Record<TaskEvent, TaskState>> = taskLifeCycle[state];
  return row[event];
}

/** The states in which `event` moves a task into `target`: the guard of a transition's write. */
export function statesBefore(event: TaskEvent, target: TaskState): readonly TaskState[] {
  return taskStates.filter((state) => nextState(state, event) === target);
}

/** The states from which nothing but a late report can follow. */
export const endedStates: readonly TaskState[] = ['finished', 'expired', 'cancelled'];

/** The states in which an order may still have an effect on the endpoint. */
export const openStates: readonly TaskState[] = ['held', 'pending', 'sent', 'running', 'cancelling'];

/** The states whose order belongs in a connected agent's hands. */
export const deliverableStates: readonly TaskState[] = ['pending', 'sent', 'running', 'cancelling'];
