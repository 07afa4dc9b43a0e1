import { randomUUID } from 'node:crypto';
import type { Task } from '#core/action/action.ts';
import type { TaskId } from '#core/action/action-id.ts';
import type { Endpoint } from '#core/endpoint/endpoint.ts';
import { parsePath } from '#core/file/file-path.ts';
import { type VaultObjectId, vaultObjectIdSchema } from '#core/file/vault-object-id.ts';
import { hour } from '#core/time.ts';
import { closeBatch } from '#core/verbs/close-batch.ts';
import { expireOverdue } from '#core/verbs/expire-overdue.ts';
import { purgeFiles } from '#core/verbs/purge-files.ts';
import { quarantineFiles } from '#core/verbs/quarantine-files.ts';
import type { FileReport } from '#core/verbs/received-report.ts';
import { recordAccepted } from '#core/verbs/record-accepted.ts';
import { recordOrderRefused } from '#core/verbs/record-order-refused.ts';
import { recordReports } from '#core/verbs/record-reports.ts';
import { recordVaultEnd, recordVaultPart } from '#core/verbs/record-vault-list.ts';
import { restoreFiles } from '#core/verbs/restore-files.ts';
import { retrieveFiles } from '#core/verbs/retrieve-files.ts';
import { takeDeliverable } from '#core/verbs/take-deliverable.ts';
import { undoAction } from '#core/verbs/undo-action.ts';
import { administrator, enrolMachine, sha256Of } from '#kit/fleet.ts';
import { openPorts, type TestPorts } from '#kit/ports.ts';

const content = new TextEncoder().encode('the same bytes everywhere');
export const hash = sha256Of(content);
const path = '/srv/file';

/** An endpoint as it really is, whatever the server believes: its disk, its vault, and its journal of tasks. */
export interface Machine {
  readonly endpoint: Endpoint;
  /** Tasks whose order reached it and that it has not worked off. */
  readonly inbox: Map<TaskId, Task>;
  /** What it did, by task: the report that it sends until it is recorded. */
  readonly journal: Map<TaskId, { readonly task: Task; readonly files: readonly FileReport[] }>;
  /** How often each task had an effect. */
  readonly effects: Map<TaskId, number>;
  present: boolean;
  vault: VaultObjectId | undefined;
  /** Quarantines that an undo came before or after: they never begin from then on. */
  readonly undone: Set<TaskId>;
  /** Whose work that is. */
  takenBy: TaskId | undefined;
}

export interface Model {
  readonly ports: TestPorts;
  readonly machines: readonly Machine[];
}

const origin = { principal: administrator, dialect: 'native' } as const;

export async function openModel(machineCount: number): Promise<Model & AsyncDisposable> {
  const ports = await openPorts();
  const machines: Machine[] = [];
  for (let index = 0; index < machineCount; index += 1) {
    machines.push({
      endpoint: await enrolMachine(ports, { hostName: `m${index}` }),
      inbox: new Map(),
      journal: new Map(),
      effects: new Map(),
      undone: new Set(),
      present: true,
      vault: undefined,
      takenBy: undefined,
    });
  }
  return { ports, machines, [Symbol.asyncDispose]: () => ports[Symbol.asyncDispose]() };
}

/** What may happen. Each is harmless when there is nothing that it applies to. */
export const happenings = {
  async quarantineEverywhere({ ports, machines }: Model) {
    const endpointIds = machines.map(({ endpoint }) => endpoint.id);
    await quarantineFiles(ports, { origin, endpointIds, path: parsePath(path), sha256: hash });
  },
  async restoreEverywhere({ ports }: Model) {
    await restoreFiles(ports, { origin, sha256: hash }).catch(unlessNoTarget);
  },
  async undoAQuarantine({ ports }: Model, choice: number) {
    const filter = { verbs: ['quarantine'] } as const;
    const { items } = await ports.store.read(({ actions }) => actions.list(filter, { offset: 0, limit: 100 }));
    const chosen = items[choice % Math.max(items.length, 1)];
    if (chosen !== undefined) {
      await undoAction(ports, { origin, actionId: chosen.id }).catch(unlessNoTarget);
    }
  },
  async purgeEverywhere({ ports, machines }: Model) {
    const endpointIds = machines.map(({ endpoint }) => endpoint.id);
    await purgeFiles(ports, { origin, sha256: hash, endpointIds }).catch(unlessNoTarget);
  },
  async listVault({ ports, machines }: Model, choice: number) {
    const { endpoint, vault, takenBy } = pick(machines, choice);
    const begunAt = ports.clock.now();
    const facts = { path: parsePath(path), sha256: hash, size: content.length, takenAt: 1 };
    const held =
      vault === undefined || takenBy === undefined ? [] : [{ vaultObject: vault, taskId: takenBy, ...facts }];
    await recordVaultPart(ports, { endpoint, held, damaged: [] });
    await recordVaultEnd(ports, { endpoint, begunAt, listed: new Set(held.map(({ vaultObject }) => vaultObject)) });
  },
  async fetchEverywhere({ ports, machines }: Model) {
    const endpointIds = machines.map(({ endpoint }) => endpoint.id);
    await retrieveFiles(ports, { origin, endpointIds, paths: { linux: [parsePath('/nowhere'), parsePath('/else')] } });
  },
  async deliver({ ports, machines }: Model, choice: number) {
    const machine = pick(machines, choice);
    const tasks = await takeDeliverable(ports, { endpointIds: [machine.endpoint.id] });
    for (const task of tasks.filter(({ id }) => !machine.journal.has(id))) {
      machine.inbox.set(task.id, task);
    }
  },
  async loseOrders({ ports, machines }: Model, choice: number) {
    await takeDeliverable(ports, { endpointIds: [pick(machines, choice).endpoint.id] });
  },
  async accept({ ports, machines }: Model, choice: number) {
    const { endpoint, inbox, journal } = pick(machines, choice);
    await recordAccepted(ports, [{ endpointId: endpoint.id, taskIds: [...inbox.keys(), ...journal.keys()] }]);
  },
  async work({ ports, machines }: Model, choice: number) {
    const machine = pick(machines, choice);
    for (const task of [...machine.inbox.values()].toSorted((a, b) => Number(a.actionId) - Number(b.actionId))) {
      const late = ports.clock.now() >= task.deadline;
      const end = machine.undone.has(task.id) ? 'cancelled' : 'expired';
      const isOver = late || end === 'cancelled';
      machine.journal.set(task.id, { task, files: isOver ? ended(task, end) : carryOut(machine, task) });
      machine.inbox.delete(task.id);
    }
  },
  async report({ ports, machines }: Model, choice: number) {
    const machine = pick(machines, choice);
    const twice = [...machine.journal.values(), ...machine.journal.values()];
    await recordReports(
      ports,
      twice.map(({ task, files }) => ({ ...reportOf(machine, task), files })),
    );
  },
  async reportForAnother({ ports, machines }: Model, choice: number) {
    const speaker = pick(machines, choice);
    const other = pick(machines, choice + 1);
    for (const { task, files } of other === speaker ? [] : other.journal.values()) {
      const receipts = await recordReports(ports, [{ ...reportOf(speaker, task), files }]);
      if (receipts[0] !== 'unknown_task') {
        throw new Error('A report for another endpoint was recorded.');
      }
    }
  },
  async refuse({ ports, machines }: Model, choice: number) {
    const { endpoint, inbox } = pick(machines, choice);
    const [taskId] = inbox.keys();
    if (taskId !== undefined) {
      inbox.delete(taskId);
      await recordOrderRefused(ports, { endpointId: endpoint.id, taskId, why: 'wrong signature' });
    }
  },
  async closeOldestBatch({ ports }: Model) {
    const open = await ports.store.read(({ actions }) =>
      actions.list({ openBatches: true }, { offset: 0, limit: 100 }),
    );
    const oldest = open.items.at(-1);
    if (oldest !== undefined) {
      await closeBatch(ports, administrator, oldest);
    }
  },
  async timePasses({ ports }: Model, choice: number) {
    ports.clock.advance((choice % 60) * hour);
    await expireOverdue(ports);
  },
} as const;

export type Happening = keyof typeof happenings;

function carryOut(machine: Machine, task: Task): readonly FileReport[] {
  machine.effects.set(task.id, (machine.effects.get(task.id) ?? 0) + 1);
  switch (task.parameters.verb) {
    case 'fetch':
      return ended(task, 'not_found');
    case 'quarantine':
      return machine.present ? [take(machine, task)] : ended(task, 'not_found');
    case 'restore':
      return machine.vault === undefined ? ended(task, 'already_done') : [giveBack(machine, machine.vault)];
    case 'undo':
      return undo(machine, task.parameters.taskId);
    case 'purge':
      return machine.vault === undefined ? ended(task, 'already_done') : [purge(machine, machine.vault)];
    case 'restore_objects':
    case 'plan':
    case 'search':
    case 'logs':
    case 'scan':
      return ended(task, 'not_found');
  }
}

function take(machine: Machine, task: Task): FileReport {
  machine.takenBy = task.id;
  machine.present = false;
  machine.vault = vaultObjectIdSchema.parse(randomUUID());
  return fileReport({
    outcome: 'done',
    path: parsePath(path),
    sha256: hash,
    vaultObject: machine.vault,
    effect: 'taken',
  });
}

function giveBack(machine: Machine, vaultObject: VaultObjectId): FileReport {
  machine.present = true;
  machine.vault = undefined;
  return fileReport({ outcome: 'done', path: parsePath(path), sha256: hash, vaultObject, effect: 'returned' });
}

function undo(machine: Machine, taskId: TaskId): readonly FileReport[] {
  machine.undone.add(taskId);
  const { vault, takenBy } = machine;
  return vault !== undefined && takenBy === taskId
    ? [giveBack(machine, vault)]
    : [fileReport({ outcome: 'not_found' })];
}

function purge(machine: Machine, vaultObject: VaultObjectId): FileReport {
  machine.vault = undefined;
  return fileReport({ outcome: 'done', path: parsePath(path), sha256: hash, vaultObject, effect: 'purged' });
}

function ended({ parameters }: Task, outcome: FileReport['outcome']): readonly FileReport[] {
  return parameters.verb === 'fetch'
    ? parameters.files.map((file, ordinal) => fileReport({ ordinal, outcome, path: file.path }))
    : [fileReport({ outcome, path: parsePath(path), sha256: hash })];
}

function fileReport(facts: Partial<FileReport> & Pick<FileReport, 'outcome'>): FileReport {
  const nothing = { reason: null, message: '', path: null, sha256: null, size: null, vaultObject: null, effect: null };
  return { ordinal: 0, ...nothing, losses: [], details: {}, ...facts };
}

function reportOf({ endpoint }: Machine, { actionId, id }: Task) {
  const signed = { bytes: new Uint8Array(1), signature: new Uint8Array(64) };
  return { endpoint, actionId, taskId: id, finishedAt: 1, signed };
}

function pick(machines: readonly Machine[], choice: number): Machine {
  const machine = machines[choice % machines.length];
  if (machine === undefined) {
    throw new Error('The model has no machine.');
  }
  return machine;
}

function unlessNoTarget(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'no_target')) {
    throw error;
  }
}
