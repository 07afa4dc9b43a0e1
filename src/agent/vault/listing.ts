import path from 'node:path';
import type { VaultObjectId } from '#core/file/vault-object-id.ts';
import type { Fs } from '#core/ports/fs.ts';
import type { Log } from '#core/ports/log.ts';
import { limits } from '#wire/limits.ts';
import type { AgentMessage, HeldFile } from '#wire/messages.ts';
import { isHeld } from './held.ts';
import { parseRecord } from './record.ts';
import { parseScrubLog, scrubLog } from './scrub-log.ts';

type VaultMessage = Extract<AgentMessage, { type: 'vault' }>;

/** Files in one frame, also bounded by their paths, so that a frame of the longest paths still fits. */
const partBytes = 2 * 1024 * 1024;
/** What a file takes in a frame beside its path, at most. */
const bytesPerFile = 300;
/** Records that are read at one time. */
const readsAtOnce = 16;

/** Thrown inside the feed when the connection that it speaks over is gone. */
class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
}

/**
 * Tells the server what the vault holds and which of it is damaged: once in the agent's life and again after each scrub,
 * one part at a time, each confirmed before the next. An empty vault is told too, for a server that thinks otherwise.
 *
 * Files that are taken while the list is on its way may be missing in it, and files that are brought back may still be in
 * it; those have reports of their own. The records are read between `begin` and `end`, so that whatever the server has
 * recorded before `begin` and misses in the list is truly gone.
 */
export class VaultFeed {
  private isDue = true;
  private isConnected = false;
  private isSending = false;
  private connections = 0;
  private settle: ((confirmed: boolean) => void) | undefined;
  private readonly vault: string;
  private readonly fs: Pick<Fs, 'list' | 'read'>;
  private readonly say: (message: VaultMessage) => boolean;
  private readonly log: Log;

  constructor(parts: {
    /** The vault's directory. */
    readonly vault: string;
    readonly fs: Pick<Fs, 'list' | 'read'>;
    /** False when there is no connection to say it over. */
    readonly say: (message: VaultMessage) => boolean;
    readonly log: Log;
  }) {
    this.vault = parts.vault;
    this.fs = parts.fs;
    this.say = parts.say;
    this.log = parts.log;
  }

  /** The server said welcome. */
  connected(): void {
    this.lost();
    this.isConnected = true;
    this.begin();
  }

  lost(): void {
    this.isConnected = false;
    this.isDue ||= this.isSending;
    this.isSending = false;
    this.connections += 1;
    this.settle?.(false);
  }

  /** The server said `vault_recorded`. */
  confirmed(): void {
    this.settle?.(true);
  }

  /** A scrub has ended: the list is told again. */
  scrubbed(): void {
    this.isDue = true;
    this.begin();
  }

  private begin(): void {
    if (!this.isConnected || this.isSending || !this.isDue) {
      return;
    }
    const connection = this.connections;
    this.isSending = true;
    this.sendWhileDue(connection).catch((cause: unknown) => {
      if (connection === this.connections) {
        this.isSending = false;
        this.isDue = true;
      }
      if (!(cause instanceof ConnectionLost)) {
        this.log.error('The vault’s list could not be sent; it is tried again with the next connection.', { cause });
      }
    });
  }

  private async sendWhileDue(connection: number): Promise<void> {
    while (this.isDue) {
      this.isDue = false;
      await this.send(connection, { part: 'begin', held: [], damaged: [] });
      const damaged = await this.sendHeld(connection);
      for (let start = 0; start < damaged.length; start += limits.inventoryFiles) {
        const some = damaged.slice(start, start + limits.inventoryFiles);
        await this.send(connection, { part: 'more', held: [], damaged: some });
      }
      await this.send(connection, { part: 'end', held: [], damaged: [] });
    }
    this.isSending = false;
  }

  /** @returns which of the held files are damaged. */
  private async sendHeld(connection: number): Promise<VaultObjectId[]> {
    const found = parseScrubLog(await this.readText(scrubLog(this.vault)));
    const damaged: VaultObjectId[] = [];
    let part: HeldFile[] = [];
    let bytes = 0;
    for await (const file of this.heldFiles()) {
      const length = file.path.length + bytesPerFile;
      if (part.length === limits.inventoryFiles || (part.length > 0 && bytes + length > partBytes)) {
        await this.send(connection, { part: 'more', held: part, damaged: [] });
        part = [];
        bytes = 0;
      }
      part.push(file);
      bytes += length;
      if (found.get(file.vaultObject)?.damaged === true) {
        damaged.push(file.vaultObject);
      }
    }
    if (part.length > 0) {
      await this.send(connection, { part: 'more', held: part, damaged: [] });
    }
    return damaged;
  }

  /** A few records at a time, so that everything else goes on between them. */
  private async *heldFiles(): AsyncGenerator<HeldFile> {
    const names = await this.fs.list(this.vault);
    const objects = new Set(names);
    const records = names.filter((name) => name.endsWith('.json') && objects.has(name.replace(/\.json$/, '.age')));
    for (let start = 0; start < records.length; start += readsAtOnce) {
      const some = records.slice(start, start + readsAtOnce);
      yield* (await Promise.all(some.map((name) => this.heldFile(name)))).flatMap((file) => file ?? []);
    }
  }

  private async heldFile(name: string): Promise<HeldFile | undefined> {
    const record = parseRecord(await this.readText(path.join(this.vault, name)));
    if (record === undefined || !isHeld(record)) {
      return undefined;
    }
    const { vaultObject, taskId, path: from, sha256, size, takenAt } = record;
    return { vaultObject, taskId, path: from, sha256, size, takenAt };
  }

  private async readText(file: string): Promise<string> {
    return Buffer.from((await this.fs.read(file)) ?? []).toString();
  }

  private async send(connection: number, part: Omit<VaultMessage, 'type'>): Promise<void> {
    if (connection !== this.connections || !(await this.confirmedPart(part))) {
      throw new ConnectionLost('The connection ended before the part was confirmed.');
    }
  }

  private confirmedPart(part: Omit<VaultMessage, 'type'>): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.settle = resolve;
    return this.say({ type: 'vault', ...part }) ? promise : Promise.resolve(false);
  }
}
