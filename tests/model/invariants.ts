import { expect } from 'bun:test';
import type { TaskId } from '#core/action/action-id.ts';
import { actionStatus, taskStatus } from '#core/action/action-status.ts';
import { deliverableStates, endedStates, type TaskState } from '#core/action/task-state.ts';
import { isSuccess } from '#core/outcome.ts';
import type { Reader } from '#core/ports/store/store.ts';
import { describeAction } from '#core/verbs/describe-action.ts';
import { hash, type Model } from './fleet-model.ts';

/** What was seen before, for the invariants that speak of time. */
export interface Memory {
  readonly states: Map<TaskId, TaskState>;
}

const all = { offset: 0, limit: 10_000 };

type Invariant = (model: Model, reader: Reader, memory: Memory) => Promise<void>;

/** What must hold after everything that happens. */
export const invariants: Readonly<Record<string, Invariant>> = {
  async 'an ended task stays ended, and only expiry gives way to a report'({ machines }, reader, { states }) {
    expect(machines.length).toBeGreaterThan(0);
    for (const task of await everyTask(reader)) {
      const before = states.get(task.id);
      if (before !== undefined && endedStates.includes(before)) {
        expect([before, before === 'expired' ? 'finished' : before]).toContain(task.state);
      }
      states.set(task.id, task.state);
    }
  },

  async 'every file of an ended task has one outcome, and an open task has none'(_model, reader) {
    for (const task of await everyTask(reader)) {
      const outcomes = await reader.outcomes.byTask(task.id);
      const files = task.parameters.verb === 'fetch' ? task.parameters.files.length : 1;
      const ordinals = outcomes.map(({ ordinal }) => ordinal);
      expect(ordinals).toEqual(endedStates.includes(task.state) ? [...Array(files).keys()] : []);
    }
  },

  async 'a task is running only once an agent has said that it has the order'(_model, reader) {
    const running = (await everyTask(reader)).filter(({ state }) => state === 'running');
    expect(running.filter(({ acceptedAt }) => acceptedAt === null)).toEqual([]);
  },

  async 'a task has an effect at most once'({ machines }) {
    for (const { effects } of machines) {
      expect([...effects.values()].filter((count) => count > 1)).toEqual([]);
    }
  },

  async 'an end is recorded once per task'(_model, reader) {
    const ends = await reader.events.list({ types: ['task_finished'] }, 0, 10_000);
    const tasks = ends.map(({ facts }) => facts['taskId']);
    expect(new Set(tasks).size).toBe(tasks.length);
  },

  async 'events are numbered without a gap'(_model, reader) {
    const events = await reader.events.list({}, 0, 10_000);
    expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index + 1));
  },

  async 'what belongs in an agent’s hands is what is open, not held and not overdue'({ ports, machines }, reader) {
    const now = ports.clock.now();
    for (const { endpoint } of machines) {
      const given = (await reader.tasks.deliverable([endpoint.id], now)).map(({ id }) => id);
      const due = (await everyTask(reader)).filter(
        (task) => task.endpointId === endpoint.id && deliverableStates.includes(task.state) && task.deadline > now,
      );
      expect(given.toSorted()).toEqual(due.map(({ id }) => id).toSorted());
    }
  },

  async 'the status of an action follows from its tasks, and counts every endpoint'({ ports }, reader) {
    const now = ports.clock.now();
    for (const { id, endpointsCount } of (await reader.actions.list({}, all)).items) {
      const { status, tasks } = await describeAction(ports, id);
      expect(tasks.length).toBe(endpointsCount);
      const derived = tasks.map(({ task, outcomes }) =>
        taskStatus(
          task,
          outcomes.map(({ outcome }) => outcome),
          now,
        ),
      );
      expect(status).toBe(actionStatus(derived));
    }
  },

  async 'once an undo has succeeded, no vault holds what its quarantine took, or takes it later'({ machines }, reader) {
    for (const { id, endpointsCount } of (await reader.actions.list({ verbs: ['undo'] }, all)).items) {
      const tasks = await reader.tasks.byAction(id);
      const outcomes = await reader.outcomes.byActions([id]);
      const [first] = tasks;
      if (
        first?.parameters.verb !== 'undo' ||
        outcomes.filter((one) => isSuccess(one.outcome)).length < endpointsCount
      ) {
        continue;
      }
      const undone = (await reader.tasks.byAction(first.parameters.actionId)).map((task) => task.id);
      const holding = machines.filter(({ vault, takenBy }) => vault !== undefined && takenBy !== undefined);
      expect(holding.filter(({ takenBy }) => takenBy !== undefined && undone.includes(takenBy))).toEqual([]);
    }
  },

  async 'once all reports are in, the record of each vault is what is in it'({ machines }, reader) {
    for (const { endpoint, journal, vault } of machines) {
      const told = await Promise.all([...journal.keys()].map((id) => reader.tasks.byId(id)));
      if (told.some((task) => task?.report === null)) {
        continue;
      }
      const filter = { endpointIds: [endpoint.id], sha256: [hash], states: ['held' as const] };
      const held = await reader.quarantine.list(filter, all);
      expect(held.items.map(({ vaultObject }) => vaultObject)).toEqual(vault === undefined ? [] : [vault]);
    }
  },
};

async function everyTask(reader: Reader) {
  const actions = await reader.actions.list({}, all);
  return reader.tasks.byActions(actions.items.map(({ id }) => id));
}
