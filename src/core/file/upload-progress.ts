import type { TaskId } from '../action/action-id.ts';

/** What has come of the files that somebody has begun to send. */
export interface Uploaded {
  /** Only what is safe: what a crash of the server cannot take back. */
  readonly bytesReceived: number;
  /** Of those files, as their senders said. */
  readonly bytesTotal: number;
  readonly files: number;
}

interface SentFile {
  readonly received: number;
  readonly size: number;
}

/** More files than are ever under way together; beyond it the task that was quiet for longest is forgotten. */
const mostFiles = 100_000;

/**
 * How far the files of tasks have come that agents are sending, since this process began: it is told what agents are told, in memory, so that
 * neither chunks nor whoever looks cost a disk anything. What it does not know it does not tell.
 */
export class UploadProgress {
  /** The task that was heard of last comes last. */
  readonly #tasks = new Map<TaskId, Map<number, SentFile>>();
  readonly #most: number;
  #files = 0;

  constructor(most = mostFiles) {
    this.#most = most;
  }

  note(taskId: TaskId, ordinal: number, file: SentFile): void {
    const files = this.#tasks.get(taskId) ?? new Map<number, SentFile>();
    this.#files += files.has(ordinal) ? 0 : 1;
    files.set(ordinal, file);
    this.#tasks.delete(taskId);
    this.#tasks.set(taskId, files);
    this.#makeRoom();
  }

  /** Nothing of it is kept: what came was not what was said. */
  forget(taskId: TaskId, ordinal: number): void {
    const files = this.#tasks.get(taskId);
    if (files?.delete(ordinal) === true) {
      this.#files -= 1;
    }
    if (files?.size === 0) {
      this.#tasks.delete(taskId);
    }
  }

  /** Of all these tasks together; null: nobody has said to send anything. */
  of(taskIds: readonly TaskId[]): Uploaded | null {
    const files = taskIds.flatMap((id) => [...(this.#tasks.get(id)?.values() ?? [])]);
    if (files.length === 0) {
      return null;
    }
    return {
      bytesReceived: files.reduce((sum, { received }) => sum + received, 0),
      bytesTotal: files.reduce((sum, { size }) => sum + size, 0),
      files: files.length,
    };
  }

  #makeRoom(): void {
    for (const [id, files] of this.#tasks) {
      if (this.#files <= this.#most || this.#tasks.size === 1) {
        return;
      }
      this.#files -= files.size;
      this.#tasks.delete(id);
    }
  }
}
