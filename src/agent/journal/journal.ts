import path from 'node:path';
import type { SignedBytes } from '#core/action/action.ts';
import { type TaskId, taskIdSchema } from '#core/action/action-id.ts';
import { Fault } from '#core/fault.ts';
import type { Fs } from '#core/ports/fs.ts';
import type { Log } from '#core/ports/log.ts';
import { day, type Milliseconds } from '#core/time.ts';
import { decodeEntry, type EndedEntry, type Entry, type EntryState, encodeEntry, type OpenEntry } from './entry.ts';

/** How long after its deadline a task's id is remembered, so that its order is not executed again (promise P32). */
export const journalMemory: Milliseconds = 30 * day;

/** `damaged`: the file is there and cannot be read, so the task must be taken for one that has been executed. */
export type Known = EntryState | 'damaged';

interface Remembered {
  readonly state: Known;
  readonly deadline: Milliseconds;
}

/** Which tasks this endpoint knows, and how far each is; one file per task, replaced whole and durably. */
export class Journal {
  private readonly known = new Map<TaskId, Remembered>();
  private sequence = 0;
  private readonly fs: Fs;
  private readonly directory: string;

  private constructor(fs: Fs, directory: string) {
    this.fs = fs;
    this.directory = directory;
  }

  /** Reads every entry. @returns the journal and its open entries in order of arrival. */
  static async open(
    fs: Fs,
    directory: string,
    log: Log,
  ): Promise<{ readonly journal: Journal; readonly open: readonly OpenEntry[] }> {
    const journal = new Journal(fs, directory);
    const open: OpenEntry[] = [];
    for (const name of await fs.list(directory)) {
      const taskId = taskIdSchema.safeParse(name);
      const entry = taskId.success ? await journal.load(taskId.data, log) : undefined;
      if (entry?.state === 'received' || entry?.state === 'begun') {
        open.push(entry);
      }
    }
    return { journal, open: open.toSorted((one, other) => one.sequence - other.sequence) };
  }

  stateOf(taskId: TaskId): Known | undefined {
    return this.known.get(taskId)?.state;
  }

  /** Tasks whose report the server has not confirmed. */
  get unrecorded(): readonly TaskId[] {
    return [...this.known].flatMap(([taskId, { state }]) => (state === 'reported' ? [taskId] : []));
  }

  async receive(taskId: TaskId, deadline: Milliseconds, order: SignedBytes): Promise<OpenEntry> {
    this.sequence += 1;
    const entry: OpenEntry = { v: 1, state: 'received', taskId, deadline, sequence: this.sequence, order };
    await this.write(entry);
    return entry;
  }

  async begin(entry: OpenEntry, startedAt: Milliseconds): Promise<void> {
    await this.write({ ...entry, state: 'begun', startedAt });
  }

  /** From here on the report never changes. */
  async end(entry: OpenEntry, report: SignedBytes): Promise<void> {
    const { v, taskId, deadline, sequence } = entry;
    await this.write({ v, state: 'reported', taskId, deadline, sequence, report });
  }

  /**
   * A task that has ended before its order came: when it comes it is answered, and never executed.
   * @param deadline no earlier than the order's own
   */
  async forestall(taskId: TaskId, deadline: Milliseconds, report: SignedBytes): Promise<void> {
    this.sequence += 1;
    await this.write({ v: 1, state: 'reported', taskId, deadline, sequence: this.sequence, report });
  }

  /** The stored report of a task that has ended; undefined for any other. */
  async report(taskId: TaskId): Promise<SignedBytes | undefined> {
    return (await this.ended(taskId))?.report;
  }

  async markRecorded(taskId: TaskId): Promise<void> {
    await this.mark(taskId, 'recorded');
  }

  async markRefused(taskId: TaskId): Promise<void> {
    await this.mark(taskId, 'refused');
  }

  /** Removes the tombstones that no replay can use any more: their orders have long expired. */
  async forget(now: Milliseconds): Promise<void> {
    for (const [taskId, { state, deadline }] of this.known) {
      if (state === 'recorded' && deadline + journalMemory < now) {
        await this.fs.remove(this.file(taskId));
        this.known.delete(taskId);
      }
    }
  }

  private async mark(taskId: TaskId, state: 'recorded' | 'refused'): Promise<void> {
    const entry = await this.ended(taskId);
    if (entry !== undefined && entry.state !== state) {
      await this.write({ ...entry, state });
    }
  }

  private async ended(taskId: TaskId): Promise<EndedEntry | undefined> {
    const bytes = await this.fs.read(this.file(taskId));
    const entry = bytes === undefined ? undefined : decodeEntry(bytes);
    return entry === undefined || entry.state === 'received' || entry.state === 'begun' ? undefined : entry;
  }

  private async load(taskId: TaskId, log: Log): Promise<Entry | undefined> {
    const bytes = await this.fs.read(this.file(taskId));
    const entry = bytes === undefined ? undefined : decodeEntry(bytes);
    if (entry === undefined || entry.taskId !== taskId) {
      log.error('A journal entry cannot be read. Its task will not be executed again.', { taskId });
      this.known.set(taskId, { state: 'damaged', deadline: Number.MAX_SAFE_INTEGER });
      return undefined;
    }
    this.known.set(taskId, { state: entry.state, deadline: entry.deadline });
    this.sequence = Math.max(this.sequence, entry.sequence);
    return entry;
  }

  private async write(entry: Entry): Promise<void> {
    try {
      await this.fs.replace(this.file(entry.taskId), encodeEntry(entry));
    } catch (cause) {
      throw new Fault('unavailable', 'The agent’s journal cannot be written.', { cause });
    }
    this.known.set(entry.taskId, { state: entry.state, deadline: entry.deadline });
  }

  private file(taskId: TaskId): string {
    return path.join(this.directory, taskId);
  }
}
