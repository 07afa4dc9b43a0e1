import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Ending } from '#agent/operations/ending.ts';
import { quarantine } from '#agent/operations/quarantine.ts';
import { restore } from '#agent/operations/restore.ts';
import { allRecords } from '#agent/vault/record.ts';
import type { Task } from '#core/action/action.ts';
import type { TaskId } from '#core/action/action-id.ts';
import type { Endpoint } from '#core/endpoint/endpoint.ts';
import type { Sha256 } from '#core/file/hash.ts';
import type { Outcome } from '#core/outcome.ts';
import type { Ports } from '#core/ports/ports.ts';
import type { FileReport } from '#core/verbs/received-report.ts';
import { recordAccepted } from '#core/verbs/record-accepted.ts';
import { recordReports } from '#core/verbs/record-reports.ts';
import { takeDeliverable } from '#core/verbs/take-deliverable.ts';
import { enrolMachine, fileFacts, inventory, sha256Of } from '#kit/fleet.ts';
import { type VaultWorld, vaultWorld } from '../../agent/vault-world.ts';

/** What an agent did for a task. */
export interface Done {
  readonly task: Task;
  readonly files: readonly FileReport[];
  /** How it ended for whoever asked: a restore where nothing was ever taken is no failure. */
  readonly ends: readonly Outcome[];
  isReported: boolean;
}

/** An agent whose files are on a disk and whose vault is one: the agent's own operations move them. */
export class DiskAgent implements Disposable {
  /** Orders that reached it and that it has not begun. */
  readonly inbox = new Map<TaskId, Task>();
  readonly journal = new Map<TaskId, Done>();
  readonly endpoint: Endpoint;
  readonly #ports: Ports;
  readonly #world: VaultWorld;

  private constructor(ports: Ports, endpoint: Endpoint, world: VaultWorld) {
    this.#ports = ports;
    this.endpoint = endpoint;
    this.#world = world;
  }

  static async start(ports: Ports, hostName: string): Promise<DiskAgent> {
    return new DiskAgent(ports, await enrolMachine(ports, { hostName }), await vaultWorld());
  }

  [Symbol.dispose](): void {
    this.#world[Symbol.dispose]();
  }

  fileNamed(name: string): string {
    return path.join(this.#world.files, name);
  }

  /** Somebody puts a file there, and the inventory sees it. @returns false where one is. */
  async create(name: string, content: string): Promise<boolean> {
    const file = this.fileNamed(name);
    if (existsSync(file)) {
      return false;
    }
    writeFileSync(file, content);
    await inventory(this.#ports, this.endpoint, [fileFacts(file, readFileSync(file))]);
    return true;
  }

  /** Hashes of what is on the disk under this name: one, or none. */
  onDisk(name: string): readonly Sha256[] {
    const file = this.fileNamed(name);
    return existsSync(file) ? [sha256Of(readFileSync(file))] : [];
  }

  /** Hashes of what the vault holds of this name. */
  inVault(name: string): readonly Sha256[] {
    const from = Buffer.from(this.fileNamed(name)).toString('base64');
    return allRecords(this.#world.room.vault)
      .filter(
        ({ progress, path: taken }) => progress.state === 'held' && Buffer.from(taken).toString('base64') === from,
      )
      .map(({ sha256 }) => sha256);
  }

  /** How many copies of this name the vault gave up because the very bytes stood at their place. */
  letGo(name: string): number {
    const file = this.fileNamed(name);
    const returned = (outcome: Outcome) =>
      new Set(
        [...this.journal.values()]
          .flatMap(({ files }) => files)
          .filter((each) => each.outcome === outcome && each.effect === 'returned')
          .filter(({ path: taken }) => taken !== null && Buffer.from(taken).toString() === file)
          .flatMap(({ vaultObject }) => vaultObject ?? []),
      );
    return returned('already_done').difference(returned('done')).size;
  }

  get hasUnreported(): boolean {
    return [...this.journal.values()].some(({ isReported }) => !isReported);
  }

  /** Orders arrive, again too; what the server asks to stop is not begun. */
  async receive(): Promise<void> {
    for (const task of await takeDeliverable(this.#ports, { endpointIds: [this.endpoint.id] })) {
      if (!this.journal.has(task.id)) {
        this.inbox.set(task.id, task);
      }
    }
  }

  async accept(): Promise<void> {
    await recordAccepted(this.#ports, [{ endpointId: this.endpoint.id, taskIds: [...this.inbox.keys()] }]);
  }

  /** Carries out what it has, the oldest action first. */
  async work(): Promise<void> {
    const waiting = [...this.inbox.values()].sort((one, other) => Number(one.actionId) - Number(other.actionId));
    this.inbox.clear();
    for (const task of waiting) {
      const endings = await this.#carryOut(task);
      const files = endings.map((ending, ordinal) => ({ ...ending, ordinal }));
      const isNews = allRecords(this.#world.room.vault).length === 0 && task.parameters.verb === 'restore';
      const ends = files.map(({ outcome }) => (isNews && outcome === 'not_found' ? 'already_done' : outcome));
      this.journal.set(task.id, { task, files, ends, isReported: false });
    }
  }

  /** Sends every report that it ever made once more: delivery is at least once. */
  async report(): Promise<void> {
    const signed = { bytes: new Uint8Array(1), signature: new Uint8Array(64) };
    const finishedAt = this.#ports.clock.now();
    await recordReports(
      this.#ports,
      [...this.journal.values()].map(({ task, files }) => ({
        ...{ endpoint: this.endpoint, actionId: task.actionId, taskId: task.id, finishedAt, files, signed },
      })),
    );
    for (const done of this.journal.values()) {
      done.isReported = true;
    }
  }

  async #carryOut(task: Task): Promise<readonly Ending[]> {
    if (task.state === 'cancelling') {
      return [nothingDone('cancelled', 'withdrawn')];
    }
    if (this.#ports.clock.now() >= task.deadline) {
      return [nothingDone('expired', 'deadline_passed')];
    }
    const { id: taskId, parameters } = task;
    const { room } = this.#world;
    if (parameters.verb === 'quarantine' && parameters.path !== null) {
      const { path: file, sha256 } = parameters;
      return [await quarantine(room, { ...{ taskId, path: file, sha256 }, overrideProtection: false, settle: false })];
    }
    if (parameters.verb === 'restore') {
      const { sha256, vaultObject, to, ifOccupied } = parameters;
      return await restore(room, { taskId, sha256, vaultObject, to, ifOccupied, settle: false });
    }
    throw new Error(`Nobody ordered ${parameters.verb} here.`);
  }

  /** What was done here for an action. */
  doneFor(actionId: string): Done | undefined {
    return [...this.journal.values()].find(({ task }) => task.actionId === actionId);
  }
}

function nothingDone(outcome: 'cancelled' | 'expired', reason: 'withdrawn' | 'deadline_passed'): Ending {
  const nothing = { path: null, sha256: null, size: null, vaultObject: null, effect: null };
  return { ...nothing, outcome, reason, message: '', losses: [], details: {} };
}
