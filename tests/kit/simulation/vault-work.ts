import { type Ending, ending } from '#agent/operations/ending.ts';
import { canonicalJson } from '#agent/vault/metadata.ts';
import { objectFile, parseRecord, type VaultRecord, vaultObjectOf } from '#agent/vault/record.ts';
import type { TaskId } from '#core/action/action-id.ts';
import type { RestoreFinding } from '#core/action/restore-finding.ts';
import type {
  PlanParameters,
  PurgeParameters,
  QuarantineParameters,
  RestoreObjectsParameters,
  RestoreParameters,
  UndoParameters,
} from '#core/action/verb.ts';
import { displayPath, type FilePath, parsePath } from '#core/file/file-path.ts';
import type { Sha256 } from '#core/file/hash.ts';
import type { VaultObjectId } from '#core/file/vault-object-id.ts';
import type { VaultEffect } from '#core/outcome-details.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { SimulatedDisk } from './disk.ts';
import type { Life } from './life.ts';
import { sha256Of, userDirectory } from './machine-files.ts';

/** That something became of a file, for good. */
export interface Effect {
  readonly taskId: TaskId;
  readonly vaultObject: VaultObjectId;
  readonly effect: VaultEffect;
}

export interface VaultBench {
  readonly life: Life;
  readonly clock: Clock;
  readonly disk: SimulatedDisk;
  readonly vault: string;
  /** Breaks the promise that a copy is safe before the file goes. */
  readonly takesFirst: boolean;
  /** Called when an effect cannot be lost any more. */
  happened(effect: Effect): void;
  /** This object may go from now on: somebody ordered it. */
  mayGo(vaultObject: VaultObjectId, sha256: Sha256): void;
}

interface Held {
  readonly record: VaultRecord;
  readonly bytes: Uint8Array;
}

const nowhere = { device: '1', inode: '1' };

/** What the agent's operations do with files, step by step in the same order, on a disk that forgets: each can be cut off between any two. */
export class VaultWork {
  readonly #bench: VaultBench;
  readonly #taskId: TaskId;
  /** An earlier life had begun it. */
  readonly #isResumed: boolean;

  constructor(bench: VaultBench, { taskId, isResumed }: { readonly taskId: TaskId; readonly isResumed: boolean }) {
    this.#bench = bench;
    this.#taskId = taskId;
    this.#isResumed = isResumed;
  }

  async quarantine({ path, sha256 }: QuarantineParameters): Promise<readonly Ending[]> {
    const before = this.#isResumed ? this.#takenBefore() : [];
    const paths = path === null ? this.#pathsOf(sha256) : [displayPath(path)];
    const again = before.filter((each) => !paths.includes(each));
    const endings: Ending[] = [];
    for (const each of [...again, ...paths]) {
      endings.push(await this.#take(parsePath(each), sha256));
    }
    return endings.length > 0 ? endings : [ending({ outcome: 'not_found', message: 'No copy.', sha256 })];
  }

  async restore({
    sha256,
    vaultObject,
  }: Pick<RestoreParameters, 'sha256' | 'vaultObject'>): Promise<readonly Ending[]> {
    const endings: Ending[] = [];
    for (const record of this.#records(sha256, vaultObject)) {
      const { progress } = record;
      if (progress.state === 'restored' && progress.taskId === this.#taskId && this.#isResumed) {
        await this.#drop(record.vaultObject);
        endings.push(told(record, 'returned'));
      }
    }
    for (const held of this.#heldOf(sha256, vaultObject)) {
      endings.push(await this.#giveBack(held));
    }
    return endings.length > 0 ? endings : [ending({ outcome: 'already_done', message: 'Nothing is held.', sha256 })];
  }

  /** Each of the objects of a plan, and no other; what is in its way stays there. */
  async restoreObjects({ sha256, objects }: RestoreObjectsParameters): Promise<readonly Ending[]> {
    const endings: Ending[] = [];
    for (const { vaultObject } of objects) {
      endings.push(...(await this.restore({ sha256, vaultObject })));
    }
    return endings;
  }

  /** What a restore would meet; nothing is changed. */
  async plan({ sha256, vaultObject }: PlanParameters): Promise<readonly Ending[]> {
    const held = this.#heldOf(sha256, vaultObject);
    const endings = held.map(({ record }) => {
      const occupant = this.#bench.disk.get(displayPath(record.path));
      const isSame = occupant !== undefined && sha256Of(occupant) === record.sha256;
      const taken = isSame ? 'occupied_same' : 'occupied_other';
      const finding: RestoreFinding = occupant === undefined ? 'free' : taken;
      const { path, size } = record;
      const facts = { path, sha256, size, vaultObject: record.vaultObject, details: { finding } };
      return ending({ outcome: 'done', message: 'Looked at.', ...facts });
    });
    const none = { outcome: 'done', message: 'Nothing is held.', sha256, vaultObject } as const;
    return endings.length > 0 ? endings : [ending({ ...none, details: { finding: 'not_held' } })];
  }

  async undo({ taskId: undone }: UndoParameters): Promise<readonly Ending[]> {
    const endings: Ending[] = [];
    for (const record of this.#takenBy(undone)) {
      endings.push(await this.#undoOne(record));
    }
    return endings.length > 0 ? endings : [ending({ outcome: 'not_found', message: 'Nothing was taken.' })];
  }

  async purge({ sha256, vaultObject }: PurgeParameters): Promise<readonly Ending[]> {
    const endings: Ending[] = [];
    for (const record of this.#records(sha256, vaultObject)) {
      const { progress } = record;
      if (progress.state === 'purged' && progress.taskId === this.#taskId && this.#isResumed) {
        await this.#purgeObject(record);
        endings.push(told(record, 'purged'));
      }
    }
    for (const { record } of this.#heldOf(sha256, vaultObject)) {
      const purged = { state: 'purged', taskId: this.#taskId, at: this.#bench.clock.now() } as const;
      this.#bench.mayGo(record.vaultObject, record.sha256);
      await this.#note({ ...record, progress: purged });
      await this.#purgeObject(record);
      endings.push(told(record, 'purged'));
    }
    return endings.length > 0 ? endings : [ending({ outcome: 'already_done', message: 'Nothing is held.', sha256 })];
  }

  async #undoOne(record: VaultRecord): Promise<Ending> {
    const { vaultObject, progress, path, sha256, size } = record;
    const facts = { path, sha256, size, vaultObject };
    switch (progress.state) {
      case 'restored':
        if (progress.taskId !== this.#taskId) {
          return ending({ outcome: 'already_done', message: 'It went back before.', ...facts });
        }
        await this.#drop(vaultObject);
        return told(record, 'returned');
      case 'purged':
        return ending({ outcome: 'not_found', message: 'It was deleted.', effect: 'purged', ...facts });
      case 'taking':
        throw new Error('An undo has met a file that is being taken.');
      case 'held':
      case 'returning': {
        const bytes = this.#bench.disk.get(objectFile(this.#bench.vault, vaultObject));
        if (bytes === undefined) {
          throw new Error('An undo misses an object.');
        }
        return await this.#giveBack({ record, bytes });
      }
    }
  }

  async #take(path: FilePath, sha256: Sha256 | null): Promise<Ending> {
    const name = displayPath(path);
    const vaultObject = vaultObjectOf(this.#taskId, path);
    const recovered = await this.#recover(vaultObject);
    if (recovered !== undefined) {
      return recovered;
    }
    const bytes = this.#bench.disk.get(name);
    const found = bytes && sha256Of(bytes);
    if (bytes === undefined || found === undefined || (sha256 !== null && found !== sha256)) {
      await this.#drop(vaultObject);
      const outcome = bytes === undefined ? 'not_found' : 'hash_mismatch';
      return ending({ outcome, message: 'Nothing was done.', path, sha256 });
    }
    const record: VaultRecord = {
      ...{ v: 1, vaultObject, taskId: this.#taskId, path, sha256: found, size: bytes.length },
      ...{ takenAt: this.#bench.clock.now(), details: {} },
      progress: { state: 'taking', stage: nowhere, original: nowhere },
    };
    if (this.#bench.takesFirst) {
      await this.#removeOriginal(record);
    }
    await this.#write(objectFile(this.#bench.vault, vaultObject), bytes);
    await this.#note(record);
    return await this.#finishTaking(record);
  }

  /** What an earlier run of this very task left says how it goes on. */
  async #recover(vaultObject: VaultObjectId): Promise<Ending | undefined> {
    const record = this.#record(vaultObject);
    const isWhole = this.#bench.disk.has(objectFile(this.#bench.vault, vaultObject));
    if (record === undefined) {
      return undefined;
    }
    const { state } = record.progress;
    if (state === 'restored' || state === 'purged') {
      const { path, sha256, size } = record;
      const message = 'The file was taken, and has left the vault since.';
      return ending({ outcome: 'done', message, path, sha256, size, vaultObject });
    }
    if (!isWhole) {
      return undefined;
    }
    return state === 'taking' ? await this.#finishTaking(record) : told(record, 'taken');
  }

  async #finishTaking(record: VaultRecord): Promise<Ending> {
    await this.#removeOriginal(record);
    await this.#note({ ...record, progress: { state: 'held' } });
    return told(record, 'taken');
  }

  async #removeOriginal({ path, sha256, vaultObject }: VaultRecord): Promise<void> {
    const name = displayPath(path);
    const bytes = this.#bench.disk.get(name);
    if (bytes !== undefined && sha256Of(bytes) === sha256) {
      await this.#write(name, null, { taskId: this.#taskId, vaultObject, effect: 'taken' });
    }
  }

  async #giveBack({ record, bytes }: Held): Promise<Ending> {
    const { vaultObject, path, sha256, progress } = record;
    const target = displayPath(path);
    const occupant = this.#bench.disk.get(target);
    const isBack = progress.state === 'returning' && occupant !== undefined && sha256Of(occupant) === sha256;
    if (occupant !== undefined && !isBack) {
      await this.#note({ ...record, progress: { state: 'held' } });
      const facts = { path, sha256, size: bytes.length, vaultObject };
      return ending({ outcome: 'conflict', reason: 'occupied', message: 'Something is there.', ...facts });
    }
    const place = { taskId: this.#taskId, target: path, displaced: null, losses: [] };
    if (!isBack) {
      await this.#note({ ...record, progress: { state: 'returning', ...place, stage: nowhere, copy: nowhere } });
      await this.#write(target, bytes, { taskId: this.#taskId, vaultObject, effect: 'returned' });
    }
    await this.#note({ ...record, progress: { state: 'restored', ...place, at: this.#bench.clock.now() } });
    await this.#drop(vaultObject);
    return told(record, 'returned');
  }

  async #purgeObject({ vaultObject }: VaultRecord): Promise<void> {
    await this.#drop(vaultObject, { taskId: this.#taskId, vaultObject, effect: 'purged' });
  }

  async #drop(vaultObject: VaultObjectId, effect?: Effect): Promise<void> {
    const file = objectFile(this.#bench.vault, vaultObject);
    if (this.#bench.disk.has(file)) {
      await this.#write(file, null, effect);
    }
  }

  #note(record: VaultRecord): Promise<void> {
    const file = `${this.#bench.vault}/${record.vaultObject}.json`;
    return this.#write(file, new TextEncoder().encode(canonicalJson(record)));
  }

  /** An operation that a disk has refused a step is run again, and in the end settled: none is left half done. */
  #write(file: string, bytes: Uint8Array | null, effect?: Effect): Promise<void> {
    const { disk, life } = this.#bench;
    const durable = () => effect !== undefined && this.#bench.happened(effect);
    return disk.write(life, { file, bytes }, { durable }).catch(() => this.#write(file, bytes, effect));
  }

  #record(vaultObject: VaultObjectId): VaultRecord | undefined {
    const text = this.#bench.disk.get(`${this.#bench.vault}/${vaultObject}.json`);
    return text && parseRecord(Buffer.from(text).toString());
  }

  #records(sha256: Sha256, named: PurgeParameters['vaultObject']): readonly VaultRecord[] {
    const { disk, vault } = this.#bench;
    return disk
      .names(vault)
      .filter((name) => name.endsWith('.json'))
      .flatMap((name) => parseRecord(Buffer.from(disk.get(`${vault}/${name}`) ?? []).toString()) ?? [])
      .filter((record) => record.sha256 === sha256 && (named === null || [named].flat().includes(record.vaultObject)));
  }

  #heldOf(sha256: Sha256, named: PurgeParameters['vaultObject']): readonly Held[] {
    return this.#records(sha256, named).flatMap((record) => {
      const bytes = this.#bench.disk.get(objectFile(this.#bench.vault, record.vaultObject));
      const { state } = record.progress;
      return bytes !== undefined && (state === 'held' || state === 'returning') ? [{ record, bytes }] : [];
    });
  }

  #takenBefore(): readonly string[] {
    return this.#takenBy(this.#taskId).map(({ path }) => displayPath(path));
  }

  #takenBy(task: TaskId): readonly VaultRecord[] {
    const { disk, vault } = this.#bench;
    return disk
      .names(vault)
      .filter((name) => name.endsWith('.json'))
      .flatMap((name) => parseRecord(Buffer.from(disk.get(`${vault}/${name}`) ?? []).toString()) ?? [])
      .filter(({ taskId }) => taskId === task);
  }

  #pathsOf(sha256: Sha256 | null): readonly string[] {
    const { disk } = this.#bench;
    return disk
      .names(userDirectory)
      .map((name) => `${userDirectory}/${name}`)
      .filter((name) => {
        const bytes = disk.get(name);
        return bytes !== undefined && sha256Of(bytes) === sha256;
      });
  }
}

function told({ path, sha256, size, vaultObject }: VaultRecord, effect: VaultEffect): Ending {
  return ending({ outcome: 'done', message: 'Done.', path, sha256, size, vaultObject, effect });
}
