import { createHash } from 'node:crypto';
import type { Action, FileOutcome, Task } from '../action/action.ts';
import type { ActionId } from '../action/action-id.ts';
import { type Attempts, attemptsOf } from '../action/attempts.ts';
import { partsByTasks } from '../action/parts-by-tasks.ts';
import type { TaskState } from '../action/task-state.ts';
import type { CustodyEvent, Json } from '../custody/event.ts';
import type { LedgerFinding } from '../ledger/finding.ts';
import { isSuccess, type Outcome } from '../outcome.ts';
import type { Ports } from '../ports/ports.ts';
import type { Reader } from '../ports/store/store.ts';
import { minute } from '../time.ts';
import { endFiles } from './end-files.ts';

const pageSize = 200;
const reading = { deadline: 5 * minute, search: true } as const;
const eventsAtOnce = 10_000;
/** With their reports and outcomes. */
const mostTasksAtOnce = 10_000;

/**
 * Holds what stands in the tables of actions, tasks and outcomes against the events that tell of it: who ordered what, that no task is
 * missing, which report each ended with, and how every file ended. The events themselves are `verifyLedger`'s; together they are
 * promise P57 for whoever reads those tables instead. Stops at the first finding; what comes meanwhile may be left out.
 * @param tasksAtOnce how many are in memory together, but for an action that has more.
 * @throws Fault `timeout`, `unavailable`
 */
export async function verifyHistory(
  ports: Pick<Ports, 'store'>,
  tasksAtOnce = mostTasksAtOnce,
): Promise<LedgerFinding | undefined> {
  return (await findAltered(ports, tasksAtOnce)) ?? (await findMissing(ports));
}

async function findAltered({ store }: Pick<Ports, 'store'>, tasksAtOnce: number): Promise<LedgerFinding | undefined> {
  for (let offset = 0; ; offset += pageSize) {
    const page = { offset, limit: pageSize };
    const { items } = await store.read(({ actions }) => actions.list({}, page), reading);
    for (const some of partsByTasks(items, tasksAtOnce)) {
      const finding = await store.read(async (reader) => firstOf(await histories(reader, some)), reading);
      if (finding !== undefined) {
        return finding;
      }
    }
    if (items.length < pageSize) {
      return undefined;
    }
  }
}

/** Actions of which events tell, and which are not there any more. */
async function findMissing({ store }: Pick<Ports, 'store'>): Promise<LedgerFinding | undefined> {
  for (let after = 0; ; ) {
    const from = after;
    const { events, known } = await store.read(async (reader) => {
      const started = await reader.events.list({ types: ['action_started'] }, from, pageSize);
      const actions = await reader.actions.byIds(started.flatMap(({ actionId }) => actionId ?? []));
      return { events: started, known: new Set<string>(actions.map(({ id }) => id)) };
    }, reading);
    const gone = events.find(({ actionId }) => actionId !== undefined && !known.has(actionId));
    if (gone !== undefined) {
      return altered(gone.sequence, `The action ${gone.actionId}, of which event ${gone.sequence} tells, is gone.`);
    }
    const last = events.at(-1);
    if (last === undefined || events.length < pageSize) {
      return undefined;
    }
    after = last.sequence;
  }
}

interface History {
  readonly action: Action;
  readonly started: CustodyEvent | undefined;
  readonly retried: readonly CustodyEvent[];
  readonly tasks: readonly Task[];
  readonly outcomes: ReadonlyMap<string, readonly FileOutcome[]>;
  /** By task. */
  readonly finished: ReadonlyMap<Json | undefined, CustodyEvent>;
}

async function eventsOf({ events }: Reader, actionIds: readonly ActionId[]): Promise<readonly CustodyEvent[]> {
  const found: CustodyEvent[] = [];
  for (let after = 0; ; ) {
    const some = await events.list(
      { actionIds, types: ['action_started', 'action_retried', 'task_finished'] },
      after,
      eventsAtOnce,
    );
    found.push(...some);
    const last = some.at(-1);
    if (last === undefined || some.length < eventsAtOnce) {
      return found;
    }
    after = last.sequence;
  }
}

async function histories(reader: Reader, actions: readonly Action[]): Promise<readonly History[]> {
  const ids = actions.map(({ id }) => id);
  const events = await eventsOf(reader, ids);
  const tasks = Map.groupBy(await reader.tasks.byActions(ids), ({ actionId }) => actionId);
  const outcomes = Map.groupBy(await reader.outcomes.byActions(ids), ({ taskId }) => taskId);
  const ofAction = Map.groupBy(events, ({ actionId }) => actionId);
  return actions.map((action) => {
    const own = ofAction.get(action.id) ?? [];
    const finished = own.filter(({ type }) => type === 'task_finished');
    return {
      ...{ action, outcomes, tasks: tasks.get(action.id) ?? [] },
      started: own.find(({ type }) => type === 'action_started'),
      retried: own.filter(({ type }) => type === 'action_retried'),
      finished: new Map(finished.map((event) => [event.facts['taskId'], event])),
    };
  });
}

function firstOf(some: readonly History[]): LedgerFinding | undefined {
  for (const history of some) {
    const finding = startOf(history) ?? retriesOf(history) ?? endsOf(history);
    if (finding !== undefined) {
      return finding;
    }
  }
  return undefined;
}

/** Whether the action is the one that was ordered. */
function startOf({ action, started, tasks }: History): LedgerFinding | undefined {
  if (started === undefined) {
    return altered(undefined, `No event tells that the action ${action.id} was ordered.`);
  }
  const { principal, createdAt } = action;
  const isOrdered =
    started.at === createdAt &&
    started.actor.kind === principal.kind &&
    started.actor.id === principal.id &&
    started.actor.name === principal.name &&
    told.every((name) => started.facts[name] === undefined || started.facts[name] === action[name]);
  return isOrdered && countOf(tasks, 1) === action.endpointsCount
    ? undefined
    : altered(
        started.sequence,
        `The action ${action.id} is not the one that was ordered with event ${started.sequence}.`,
      );
}

/** Whether just that was tried again of which events tell. */
function retriesOf({ action, retried, tasks }: History): LedgerFinding | undefined {
  const wrong = retried.find(({ facts: { round, endpointsCount } }) => placesIn(tasks, round) !== endpointsCount);
  if (wrong !== undefined) {
    const message = `The action ${action.id} was not retried as event ${wrong.sequence} tells.`;
    return altered(wrong.sequence, message);
  }
  const rounds = new Set<Json | undefined>([1, ...retried.map(({ facts }) => facts['round'])]);
  return tasks.every(({ round }) => rounds.has(round)) && attemptsOf(tasks, []).every(isChain)
    ? undefined
    : altered(undefined, `No event tells of what was tried again as the tasks of the action ${action.id} do.`);
}

/** Each attempt names the one that followed it, and the last one none. */
function isChain(attempts: Attempts): boolean {
  return attempts.every(({ task }, index) => task.retriedBy === (attempts[index + 1]?.task.id ?? null));
}

function countOf(tasks: readonly Task[], round: Json | undefined): number {
  return tasks.filter((task) => task.round === round).length;
}

/** On one endpoint there may be several: an undo of what was retried asks there of each attempt. */
function placesIn(tasks: readonly Task[], round: Json | undefined): number {
  return new Set(tasks.filter((task) => task.round === round).map(({ endpointId }) => endpointId)).size;
}

const told = ['verb', 'endpointsCount', 'dialect', 'claimedInitiator', 'reason', 'incidentId', 'batchNumber'] as const;

/** Whether each task ended as events tell. */
function endsOf({ action, tasks, outcomes, finished }: History): LedgerFinding | undefined {
  const known = new Set<Json | undefined>(tasks.map(({ id }) => id));
  const stray = [...finished].find(([taskId]) => !known.has(taskId));
  if (stray !== undefined) {
    return altered(
      stray[1].sequence,
      `A task of the action ${action.id} is gone: event ${stray[1].sequence} tells of it.`,
    );
  }
  const wrong = tasks.find((task) => !isAsTold(task, outcomes.get(task.id) ?? [], finished.get(task.id)));
  return wrong && altered(finished.get(wrong.id)?.sequence, tellWrong(action.id, wrong));
}

function tellWrong(action: ActionId, { id }: Task): string {
  return `The task ${id} of the action ${action} did not end as its record says.`;
}

function isAsTold(task: Task, outcomes: readonly FileOutcome[], event: CustodyEvent | undefined): boolean {
  if (event === undefined) {
    return task.report === null && isServersEnd(task, outcomes, endsWithoutReport[task.state]);
  }
  const { reportSha256, files, found, refused } = event.facts;
  if (refused !== undefined) {
    return task.state === 'finished' && task.report === null && isServersEnd(task, outcomes, ['refused']);
  }
  const isReport = reportSha256 === undefined || (task.report !== null && sha256Of(task.report.bytes) === reportSha256);
  const isEnd = task.state === 'finished' && event.endpointId === task.endpointId && isReport;
  if (!Array.isArray(files)) {
    return isEnd && (found === undefined || found === outcomes.filter(isFound).length);
  }
  return isEnd && files.length === outcomes.length && files.every((file, index) => isOutcome(file, outcomes[index]));
}

/** How tasks stand whose agents did not report, and how their files then ended. */
const endsWithoutReport: Readonly<Record<TaskState, readonly Outcome[]>> = {
  ...{ held: [], pending: [], sent: [], running: [], cancelling: [] },
  expired: ['expired'],
  cancelled: ['cancelled'],
  // The endpoint was removed meanwhile: nobody knows.
  finished: ['interrupted'],
};

/** The server ends tasks too, and never as if something had been done. */
function isServersEnd(task: Task, outcomes: readonly FileOutcome[], ends: readonly Outcome[]): boolean {
  const end = { outcome: 'expired', reason: 'deadline_passed', message: '', at: 0 } as const;
  const asked = ends.length === 0 ? [] : endFiles(task, end);
  return (
    outcomes.length === asked.length &&
    outcomes.every(({ outcome, displayPath, sha256 }, index) => {
      const file = asked[index];
      return ends.includes(outcome) && displayPath === file?.displayPath && sha256 === file.sha256;
    })
  );
}

function isFound({ outcome, path }: FileOutcome): boolean {
  return isSuccess(outcome) && path !== null;
}

/** The facts of a file, as `record-reports.ts` tells them. */
function isOutcome(file: Json, outcome: FileOutcome | undefined): boolean {
  if (outcome === undefined || typeof file !== 'object' || file === null || Array.isArray(file)) {
    return false;
  }
  const shownPath = outcome.path === null ? null : outcome.displayPath;
  const facts = new Map<string, Json>(Object.entries(file));
  return (
    facts.get('outcome') === outcome.outcome &&
    facts.get('reason') === outcome.reason &&
    facts.get('sha256') === outcome.sha256 &&
    facts.get('path') === shownPath &&
    (facts.get('effect') ?? null) === outcome.effect
  );
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function altered(sequence: number | undefined, message: string): LedgerFinding {
  return { kind: 'altered_history', message, ...(sequence !== undefined && { sequence }) };
}
