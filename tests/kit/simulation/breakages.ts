import type { Journal } from '#agent/journal/journal.ts';
import type { Halt } from '#agent/tasks/halt.ts';
import type { TaskId } from '#core/action/action-id.ts';
import type { Policy } from '#core/ports/policy.ts';
import type { RolloutWriter } from '#core/ports/store/rollouts.ts';
import type { Store } from '#core/ports/store/store.ts';
import type { TaskReader, TaskWriter } from '#core/ports/store/tasks.ts';

/**
 * Ways in which the product could be wrong, each of which a simulation must find. They change what surrounds the product's
 * code, which has no switch for them.
 */
export const breakages = [
  /** What an agent writes to its journal is not synced. */
  'journal_unsynced',
  /** A report ends a task that has ended. */
  'finish_unguarded',
  /** An agent executes what it has executed, when it is told again. */
  'known_task_executed',
  /** Nobody looks at deadlines. */
  'expiry_skipped',
  /** What was on its way when a connection ended is not sent again. */
  'sent_forgotten',
  /** An agent says that it has done what it is about to do. */
  'success_before_effect',
  /** A file goes before its copy is safe. */
  'taken_before_kept',
  /** An agent begins what it has heard to be halted. */
  'stop_unheeded',
  /** A ring takes everybody who is there. */
  'ring_overfull',
  /** A retry leaves what it replaces as it stood. */
  'retry_unmarked',
  /** An order goes out however late its endpoint comes for it. */
  'lateness_unheeded',
] as const;

export type Breakage = (typeof breakages)[number];

/** What a server goes by that asks nobody about late orders. */
export function brokenPolicy(policy: Policy, breakage: Breakage | undefined): Policy {
  return breakage === 'lateness_unheeded' ? { ...policy, confirmAfter: null } : policy;
}

/** A store that breaks one of its promises. */
export function brokenStore(store: Store, breakage: Breakage | undefined): Store {
  if (breakage === 'finish_unguarded') {
    return {
      ...facadeOf(store),
      transact: (work, options) => store.transact((all) => work({ ...all, tasks: unguarded(all.tasks) }), options),
    };
  }
  if (breakage === 'sent_forgotten') {
    return {
      ...facadeOf(store),
      read: (work, options) => store.read((all) => work({ ...all, tasks: forgetful(all.tasks) }), options),
    };
  }
  if (breakage === 'ring_overfull') {
    return {
      ...facadeOf(store),
      transact: (work, options) => store.transact((all) => work({ ...all, rollouts: overfull(all.rollouts) }), options),
    };
  }
  if (breakage === 'retry_unmarked') {
    return {
      ...facadeOf(store),
      transact: (work, options) => store.transact((all) => work({ ...all, tasks: unmarked(all.tasks) }), options),
    };
  }
  return store;
}

function facadeOf(store: Store): Store {
  return {
    reach: store.reach,
    read: (work, options) => store.read(work, options),
    transact: (work, options) => store.transact(work, options),
    demandWritable: () => store.demandWritable(),
    narrowedTo: (limit) => store.narrowedTo(limit),
    dump: () => store.dump(),
    load: (rows) => store.load(rows),
    close: () => store.close(),
    onEvents: (listener) => store.onEvents(listener),
  };
}

function unguarded(tasks: TaskWriter): TaskWriter {
  return {
    ...tasks,
    async finish(finished) {
      await tasks.finish(finished);
      return finished.map(({ id }) => id);
    },
  };
}

function overfull(rollouts: RolloutWriter): RolloutWriter {
  return { ...rollouts, heldBack: (key, filter) => rollouts.heldBack(key, { ...filter, limit: 10_000 }) };
}

function unmarked(tasks: TaskWriter): TaskWriter {
  return { ...tasks, markRetried: async (retries) => retries.map(({ id }) => id) };
}

function forgetful(tasks: TaskReader): TaskReader {
  return {
    ...tasks,
    async deliverable(endpoints, now) {
      return (await tasks.deliverable(endpoints, now)).filter(({ state }) => state === 'pending');
    },
  };
}

/** An order to halt that is written down, and not kept to. */
export function brokenHalt(halt: Halt, breakage: Breakage | undefined): Halt {
  if (breakage !== 'stop_unheeded') {
    return halt;
  }
  return new Proxy(halt, {
    get: (target, name) => {
      const value: unknown = name === 'isHalted' ? () => false : Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** A journal that does not know what it was done with. */
export function brokenJournal(journal: Journal, breakage: Breakage | undefined): Journal {
  if (breakage !== 'known_task_executed') {
    return journal;
  }
  const stateOf = (taskId: TaskId) => {
    const state = journal.stateOf(taskId);
    return state === 'recorded' ? undefined : state;
  };
  return new Proxy(journal, {
    get: (target, name) => {
      const value: unknown = name === 'stateOf' ? stateOf : Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
