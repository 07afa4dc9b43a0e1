import type { Log } from '#core/ports/log.ts';
import { limits } from '#wire/limits.ts';
import type { AgentMessage, InventoriedFile } from '#wire/messages.ts';
import type { IndexedFile, InventoryIndex } from './index-file.ts';

/** What the feed needs of the index. */
export type FeedIndex = Pick<InventoryIndex, 'complete' | 'presentAfter' | 'dirty' | 'confirm'>;

type Batch = Omit<Extract<AgentMessage, { type: 'inventory' }>, 'type' | 'batch'>;

/** Files in one frame, also bounded by their paths, so that a frame of the longest paths still fits. */
const batchBytes = 2 * 1024 * 1024;
/** What a file takes in a frame beside its path, at most. */
const bytesPerFile = 700;

/** Thrown inside the feed when the connection that it speaks over is gone. */
class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
}

/**
 * Tells the server what the index knows: once in the agent's life everything, so that a server restored from a backup
 * converges, then what has changed; one batch at a time, each confirmed before the next.
 */
export class InventoryFeed {
  private wholeIsConfirmed = false;
  private connections = 0;
  private batch = 0;
  private wake: (() => void) | undefined;
  private confirmation: { readonly batch: number; readonly settle: (confirmed: boolean) => void } | undefined;
  private readonly index: FeedIndex;
  private readonly say: (message: AgentMessage & { type: 'inventory' }) => boolean;
  private readonly log: Log;

  constructor(index: FeedIndex, say: (message: AgentMessage & { type: 'inventory' }) => boolean, log: Log) {
    this.index = index;
    this.say = say;
    this.log = log;
  }

  connected(): void {
    this.lost();
    this.batch = 0;
    const connection = this.connections;
    this.run(connection).catch((cause: unknown) => {
      if (!(cause instanceof ConnectionLost)) {
        this.log.error('The inventory could not be sent; it is tried again with the next connection.', { cause });
      }
    });
  }

  lost(): void {
    this.connections += 1;
    this.confirmation?.settle(false);
    this.wake?.();
  }

  confirmed(batch: number): void {
    if (this.confirmation?.batch === batch) {
      this.confirmation.settle(true);
    }
  }

  /** The index may have something new. */
  changed(): void {
    this.wake?.();
  }

  private async run(connection: number): Promise<void> {
    while (connection === this.connections) {
      if (!this.index.complete) {
        await this.untilChanged();
      } else if (this.wholeIsConfirmed) {
        await this.sendChanges(connection);
      } else {
        await this.sendWhole(connection);
      }
    }
  }

  private async sendWhole(connection: number): Promise<void> {
    await this.send(connection, { part: 'whole_begin', files: [], gone: [] });
    let files = bounded(this.index.presentAfter(undefined, limits.inventoryFiles));
    while (files.length > 0) {
      await this.send(connection, { part: 'whole', files: presentOf(files), gone: [] });
      this.index.confirm(files);
      files = bounded(this.index.presentAfter(files.at(-1), limits.inventoryFiles));
    }
    await this.send(connection, { part: 'whole_end', files: [], gone: [] });
    this.wholeIsConfirmed = true;
  }

  private async sendChanges(connection: number): Promise<void> {
    const changes = bounded(this.index.dirty(limits.inventoryFiles));
    if (changes.length === 0) {
      await this.untilChanged();
      return;
    }
    const gone = changes.filter(({ file }) => file === undefined).map(({ path }) => path);
    await this.send(connection, { part: 'delta', files: presentOf(changes), gone });
    this.index.confirm(changes);
  }

  private async send(connection: number, batch: Batch): Promise<void> {
    this.batch += 1;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.confirmation = { batch: this.batch, settle: resolve };
    const said = connection === this.connections && this.say({ type: 'inventory', batch: this.batch, ...batch });
    if (!said || !(await promise)) {
      throw new ConnectionLost('The connection ended before the batch was confirmed.');
    }
  }

  private untilChanged(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.wake = resolve;
    return promise;
  }
}

function presentOf(files: readonly IndexedFile[]): InventoriedFile[] {
  return files.flatMap(({ file }) => file ?? []);
}

function bounded(files: readonly IndexedFile[]): readonly IndexedFile[] {
  let bytes = 0;
  const end = files.findIndex(({ path }) => {
    bytes += path.length + bytesPerFile;
    return bytes > batchBytes;
  });
  return end === -1 ? files : files.slice(0, Math.max(1, end));
}
