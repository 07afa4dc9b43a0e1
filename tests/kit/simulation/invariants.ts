import { decodeEntry } from '#agent/journal/entry.ts';
import { isHeld } from '#agent/vault/held.ts';
import { parseRecord } from '#agent/vault/record.ts';
import type { FileOutcome, Task } from '#core/action/action.ts';
import type { ActionId, TaskId } from '#core/action/action-id.ts';
import { needsConfirmation } from '#core/action/needs-confirmation.ts';
import { endedStates, openStates, type TaskState } from '#core/action/task-state.ts';
import type { CustodyEvent } from '#core/custody/event.ts';
import { displayPath } from '#core/file/file-path.ts';
import type { Rollout } from '#core/guard/rings.ts';
import type { Reader, Store } from '#core/ports/store/store.ts';
import { type Milliseconds, minute } from '#core/time.ts';
import { verifyHistory } from '#core/verbs/verify-history.ts';
import { verifyLedger } from '#core/verbs/verify-ledger.ts';
import { epoch } from './machine-clock.ts';
import { sha256Of, userDirectory } from './machine-files.ts';
import type { SimulatedAgent } from './simulated-agent.ts';
import type { SimulatedServer } from './simulated-server.ts';
import type { Timeline } from './timeline.ts';
import type { Effect } from './vault-work.ts';

/** What was seen before, for the invariants that speak of time. */
export interface Memory {
  readonly states: Map<TaskId, TaskState>;
  /** Since when a task has been seen open beyond its deadline by a server that was there. */
  readonly overdueSince: Map<TaskId, Milliseconds>;
  /** What went out last when nobody had confirmed that it is still wanted, so late that somebody had to. */
  readonly late: Set<TaskId>;
}

/** What the invariants look at. */
export interface Fleet {
  readonly timeline: Pick<Timeline, 'now'>;
  readonly server: Pick<SimulatedServer, 'isRunning' | 'wall' | 'medium' | 'policy'>;
  readonly agents: readonly SimulatedAgent[];
  /** Orders of which somebody was told that they are taken. */
  readonly acknowledged: readonly ActionId[];
  readonly memory: Memory;
  /** The whole store, at this moment. */
  readonly records: Store;
}

interface Facts {
  readonly simulation: Fleet;
  readonly reader: Reader;
  readonly tasks: readonly Task[];
  readonly outcomes: ReadonlyMap<TaskId, readonly FileOutcome[]>;
  readonly agentOf: ReadonlyMap<string, SimulatedAgent>;
}

type Invariant = (facts: Facts) => void | Promise<void>;

const pageSize = 10_000;
const all = { offset: 0, limit: pageSize };
/** How long a server may need for what is overdue, its faults and crashes included. */
const sweepPatience: Milliseconds = 15 * minute;

/** What must hold at every moment. */
const always: Readonly<Record<string, Invariant>> = {
  'an ended task stays ended, and only expiry gives way to a report': ({ simulation, tasks }) => {
    const { states } = simulation.memory;
    for (const { id, state } of tasks) {
      const before = states.get(id);
      if (before !== undefined && endedStates.includes(before)) {
        const after = before === 'expired' ? ['expired', 'finished'] : [before];
        demand(after.includes(state), `${id} went from ${before} to ${state}`);
      }
      states.set(id, state);
    }
  },

  'every file of an ended task has one outcome, and an open task has none': ({ tasks, outcomes }) => {
    for (const task of tasks) {
      const ordinals = (outcomes.get(task.id) ?? []).map(({ ordinal }) => ordinal);
      const files = task.parameters.verb === 'fetch' ? task.parameters.files.length : Math.max(1, ordinals.length);
      const wanted = endedStates.includes(task.state) ? [...Array(files).keys()] : [];
      demand(ordinals.join() === wanted.join(), `${task.id}, ${task.state}, has the outcomes ${ordinals.join()}`);
    }
  },

  'no task stays open beyond its deadline': ({ simulation, tasks }) => {
    const { timeline, server, memory } = simulation;
    const now = epoch + timeline.now + server.wall.ahead;
    for (const { id, state, deadline } of tasks) {
      if (!openStates.includes(state) || deadline >= now || !server.isRunning) {
        memory.overdueSince.delete(id);
        continue;
      }
      const since = memory.overdueSince.get(id) ?? timeline.now;
      memory.overdueSince.set(id, since);
      demand(timeline.now - since <= sweepPatience, `${id} is ${state}, ${now - deadline} ms after its deadline`);
    }
  },

  'a task has each effect at most once': ({ simulation }) => {
    for (const { name, effects, late } of simulation.agents) {
      demand(late.length === 0, `${name} did after its report: ${late.map(({ taskId }) => taskId).join()}`);
      const seen = effects.map(({ taskId, vaultObject, effect }) => `${taskId} ${vaultObject} ${effect}`);
      const twice = seen.find((each, index) => seen.indexOf(each) !== index);
      demand(twice === undefined, `${name} did twice: ${twice}`);
    }
  },

  'no success without its effect': ({ simulation, tasks, outcomes, agentOf }) => {
    for (const task of tasks.filter(({ parameters }) => parameters.verb !== 'plan')) {
      for (const outcome of (outcomes.get(task.id) ?? []).filter((each) => each.outcome === 'done')) {
        const isTrue =
          task.parameters.verb === 'fetch'
            ? outcome.sha256 !== null && simulation.server.medium.stored.has(outcome.sha256)
            : agentOf.get(task.endpointId)?.effects.some((effect) => isOf(effect, outcome)) === true;
        demand(isTrue, `${task.id} is done, file ${outcome.ordinal}, and was not`);
      }
    }
  },

  'no effect of a task that was reported is without its record': ({ tasks, outcomes, agentOf }) => {
    for (const task of tasks.filter(({ report }) => report !== null)) {
      const effects = agentOf.get(task.endpointId)?.effects.filter(({ taskId }) => taskId === task.id) ?? [];
      for (const effect of effects) {
        const isRecorded = (outcomes.get(task.id) ?? []).some((outcome) => isOf(effect, outcome));
        demand(isRecorded, `${task.id} has ${effect.effect} ${effect.vaultObject}, and does not say so`);
      }
    }
  },

  'what was held, withdrawn or never sent has no effect': ({ tasks, agentOf }) => {
    for (const task of tasks.filter(({ state }) => state === 'held' || state === 'pending' || state === 'cancelled')) {
      const effect = agentOf.get(task.endpointId)?.effects.find(({ taskId }) => taskId === task.id);
      demand(effect === undefined, `${task.id} is ${task.state} and has ${effect?.effect}`);
    }
  },

  'no agent begins what it has heard to be halted': ({ simulation }) => {
    for (const { name, begunHalted } of simulation.agents) {
      demand(begunHalted.length === 0, `${name} began ${begunHalted.join()}`);
    }
  },

  'no agent lets an order expire before its deadline, whichever clocks are wrong': ({ simulation }) => {
    for (const { name, expiredEarly } of simulation.agents) {
      demand(expiredEarly.length === 0, `${name} let expire ${expiredEarly.join()}`);
    }
  },

  'no agent begins what came to it late, and nobody had confirmed': ({ simulation }) => {
    for (const { name, begun } of simulation.agents) {
      const begunLate = [...simulation.memory.late].filter((id) => begun.has(id));
      demand(begunLate.length === 0, `${name} began ${begunLate.join()}`);
    }
  },

  'no more endpoints have an order than its rings let': async ({ reader, tasks, agentOf }) => {
    for (const [round, ofRound] of Map.groupBy(tasks, ({ actionId, round }) => `${actionId} ${round}`)) {
      const [first] = ofRound;
      const rollout = first && (await reader.rollouts.byRound(first));
      const most = rollout === undefined ? Number.POSITIVE_INFINITY : mostOut(rollout);
      const begun = ofRound.filter(({ id, endpointId }) => agentOf.get(endpointId)?.begun.has(id));
      const gone = new Set(await reader.endpoints.revokedAmong(begun.map(({ endpointId }) => endpointId)));
      const counted = begun.filter(({ state, endpointId }) => state !== 'cancelled' && !gone.has(endpointId));
      demand(counted.length <= most, `${counted.length} have ${round}, and ${most} may`);
    }
  },

  'of what was retried one attempt stands, and the others have ended': ({ tasks }) => {
    const byId = new Map(tasks.map((task) => [task.id, task]));
    const standing = new Set<string>();
    for (const { id, actionId, endpointId, ordinal, state, round, retriedBy } of tasks) {
      const next = retriedBy === null ? undefined : byId.get(retriedBy);
      if (retriedBy === null) {
        const place = `${actionId} ${endpointId} ${ordinal}`;
        demand(!standing.has(place), `two attempts of ${place} stand`);
        standing.add(place);
      } else {
        demand(endedStates.includes(state), `${id} was retried and is ${state}`);
        demand(next?.endpointId === endpointId && next.actionId === actionId, `${id} was retried elsewhere`);
        demand((next?.round ?? 0) > round, `${id} was retried by an earlier attempt`);
      }
    }
  },

  'no order that was acknowledged is lost': async ({ simulation, reader }) => {
    const known = await reader.actions.byIds(simulation.acknowledged);
    demand(
      known.length === simulation.acknowledged.length,
      `${simulation.acknowledged.length - known.length} are gone`,
    );
  },
};

/** What must hold besides once everything is connected and nothing goes wrong. */
const inQuiet: Readonly<Record<string, Invariant>> = {
  'what agents can be told to do is done': ({ simulation, tasks }) => {
    const now = epoch + simulation.timeline.now;
    const { confirmAfter } = simulation.server.policy;
    const left = tasks.filter(
      (task) =>
        openStates.includes(task.state) &&
        task.state !== 'held' &&
        task.createdAt <= now &&
        !needsConfirmation(task, confirmAfter, now),
    );
    demand(left.length === 0, left.map(({ id, state }) => `${id} is ${state}`).join(', '));
  },

  'every report has arrived': ({ simulation, tasks }) => {
    const arrived = new Set<string>(tasks.filter(({ report }) => report !== null).map(({ id }) => id));
    for (const agent of working(simulation)) {
      for (const name of agent.disk.names(agent.directory.journal)) {
        const entry = decodeEntry(agent.disk.get(`${agent.directory.journal}/${name}`) ?? new Uint8Array());
        demand(entry?.state !== 'reported' || arrived.has(name), `${agent.name} has told nobody how ${name} ended`);
      }
    }
  },

  'the record of each vault is what is in it': async ({ simulation, reader }) => {
    for (const agent of working(simulation)) {
      const filter = { endpointIds: [agent.identity.endpointId], states: ['held' as const] };
      const { items } = await reader.quarantine.list(filter, all);
      const recorded = items.map(({ vaultObject }) => vaultObject).toSorted();
      const held = vaultOf(agent).toSorted();
      demand(recorded.join() === held.join(), `${agent.name} holds ${held.join()}, recorded are ${recorded.join()}`);
    }
  },

  'the record of files is what is on the disks': async ({ simulation, reader }) => {
    for (const agent of working(simulation)) {
      const conditions = [{ field: 'endpointId', operator: 'equals', values: [agent.identity.endpointId] }] as const;
      const { items } = await reader.files.list({ conditions, states: ['present'] }, all);
      const recorded = items.map(({ path, sha256 }) => `${displayPath(path)} ${sha256}`).toSorted();
      const there = agent.disk
        .names(userDirectory)
        .map((name) => `${userDirectory}/${name}`)
        .map((path) => `${path} ${sha256Of(agent.disk.get(path) ?? new Uint8Array())}`);
      demand(recorded.join() === there.toSorted().join(), `${agent.name} has ${there.join()}, not ${recorded.join()}`);
    }
  },

  'no agent was taken for a copy of itself, and none has disputed the record of events': async ({ reader }) => {
    const [event] = await reader.events.list({ types: ['endpoint_cloned', 'ledger_disputed'] }, 0, 1);
    demand(event === undefined, `${event?.type} of ${event?.endpointId} ${JSON.stringify(event?.facts)}`);
  },
};

/** What must hold besides once every deadline has passed. */
const atTheEnd: Readonly<Record<string, Invariant>> = {
  'every task has ended': ({ tasks }) => {
    const open = tasks.filter(({ state }) => openStates.includes(state));
    demand(open.length === 0, open.map(({ id, state }) => `${id} is ${state}`).join(', '));
  },

  'events are numbered without a gap, and each end is told of once': async ({ reader }) => {
    const events = await everyEvent(reader);
    const gap = events.findIndex(({ sequence }, index) => sequence !== index + 1);
    demand(gap === -1, `event ${gap + 1} is missing`);
    const ends = events.flatMap(({ type, facts }) => (type === 'task_finished' ? [facts['taskId']] : []));
    demand(new Set(ends).size === ends.length, 'a task has finished twice');
  },

  'the record of events is whole, and the tables say what it says': async ({ simulation }) => {
    const { finding } = await verifyLedger({ store: simulation.records }, []);
    demand(finding === undefined, JSON.stringify(finding));
    const altered = await verifyHistory({ store: simulation.records });
    demand(altered === undefined, JSON.stringify(altered));
  },
};

/** Between the look at what may go out and its signature the store may be slow, or the signer away. */
const signingPatience: Milliseconds = minute;

/** Remembers of orders that are about to go out whether they do so late; what its endpoint has already is not late. */
export async function noteLate(
  { server, agents, memory }: Pick<Fleet, 'server' | 'agents' | 'memory'>,
  reader: Reader,
  { ids, now }: { readonly ids: readonly TaskId[]; readonly now: Milliseconds },
): Promise<void> {
  const { confirmAfter } = server.policy;
  const agentOf = new Map<string, SimulatedAgent>(agents.map((agent) => [agent.identity.endpointId, agent]));
  for (const task of await reader.tasks.byIds(ids)) {
    const { id, endpointId, parameters, createdAt, confirmedAt, acceptedAt } = task;
    const takesOrDeletes = parameters.verb === 'quarantine' || parameters.verb === 'purge';
    const age = now - Math.max(createdAt, confirmedAt ?? createdAt);
    const isOld = confirmAfter !== null && age > confirmAfter + signingPatience;
    const isNew = acceptedAt === null && agentOf.get(endpointId)?.hasHeardOf(id) === false;
    if (takesOrDeletes && isOld && isNew) {
      memory.late.add(id);
    } else {
      memory.late.delete(id);
    }
  }
}

/** Must hold after each step of a machine: whatever happens next, no file is lost that nobody ordered to be deleted. */
export function demandOnDisk(agent: SimulatedAgent, file: string | undefined): void {
  const isOfFiles = file === undefined || file.startsWith(`${userDirectory}/`) || file.endsWith('.age');
  if (!isOfFiles) {
    return;
  }
  const copies = agent.certainCopies();
  for (const [sha256, wanted] of agent.kept) {
    const there = copies.get(sha256) ?? 0;
    demand(
      there >= wanted,
      `at no instant less than one good copy: ${agent.name} has ${there} of ${wanted} of ${sha256}`,
    );
  }
}

export function demandAlways(simulation: Fleet, reader: Reader): Promise<void> {
  return demandAll(always, simulation, reader);
}

export function demandInQuiet(simulation: Fleet, reader: Reader): Promise<void> {
  return demandAll({ ...always, ...inQuiet }, simulation, reader);
}

export function demandAtTheEnd(simulation: Fleet, reader: Reader): Promise<void> {
  return demandAll(atTheEnd, simulation, reader);
}

async function demandAll(
  invariants: Readonly<Record<string, Invariant>>,
  simulation: Fleet,
  reader: Reader,
): Promise<void> {
  const facts = await factsOf(simulation, reader);
  for (const [name, invariant] of Object.entries(invariants)) {
    try {
      await invariant(facts);
    } catch (thrown) {
      throw new Error(`It does not hold that ${name}: ${thrown instanceof Error ? thrown.message : String(thrown)}.`, {
        cause: thrown,
      });
    }
  }
}

async function factsOf(simulation: Fleet, reader: Reader): Promise<Facts> {
  const ids = (await reader.actions.list({}, all)).items.map(({ id }) => id);
  const tasks = await reader.tasks.byActions(ids);
  const outcomes = Map.groupBy(await reader.outcomes.byActions(ids), taskOf);
  const agentOf = new Map(simulation.agents.map((agent) => [agent.identity.endpointId as string, agent]));
  return { simulation, reader, tasks, outcomes, agentOf };
}

async function everyEvent(reader: Reader): Promise<readonly CustodyEvent[]> {
  const events: CustodyEvent[] = [];
  for (let page = await reader.events.list({}, 0, pageSize); page.length > 0; ) {
    events.push(...page);
    page = await reader.events.list({}, events.at(-1)?.sequence ?? 0, pageSize);
  }
  return events;
}

/** How many endpoints may have an order by now. */
function mostOut({ at, sizes }: Rollout): number {
  const ring = at.stage === 'planned' ? 0 : at.ring;
  return ring === 0 ? 0 : (sizes[ring - 1] ?? Number.POSITIVE_INFINITY);
}

function taskOf({ taskId }: FileOutcome): TaskId {
  return taskId;
}

function isOf({ taskId, vaultObject, effect }: Effect, outcome: FileOutcome): boolean {
  return (
    taskId === outcome.taskId &&
    vaultObject === outcome.vaultObject &&
    (outcome.effect === null || effect === outcome.effect) &&
    outcome.outcome === 'done'
  );
}

/** Whom the server has not parted from. */
function working({ agents }: Fleet): readonly SimulatedAgent[] {
  return agents.filter(({ isRefused }) => !isRefused);
}

function vaultOf({ disk, directory }: SimulatedAgent): readonly string[] {
  return disk
    .names(directory.vault)
    .filter((name) => name.endsWith('.json') && disk.has(`${directory.vault}/${name.replace(/json$/, 'age')}`))
    .flatMap((name) => parseRecord(Buffer.from(disk.get(`${directory.vault}/${name}`) ?? []).toString()) ?? [])
    .filter(isHeld)
    .map(({ vaultObject }) => vaultObject);
}

function demand(holds: boolean, words: string): void {
  if (!holds) {
    throw new Error(words);
  }
}
