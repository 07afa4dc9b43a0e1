import { displayPath, type FilePath } from '#core/file/file-path.ts';
import { hour, type Milliseconds, minute, second } from '#core/time.ts';
import type { ChildMessage, Job, ScanRequest } from '../child/job.ts';
import {
  type ChildEnd,
  type ChildOptions,
  inheritedDescriptor,
  type RunningChild,
  startChild,
} from '../child/spawn.ts';
import type { Watcher, Watching } from '../platform/watching.ts';
import { ChangeQueue } from './change-queue.ts';
import type { InventoryIndex } from './index-file.ts';

export type Scanned = Extract<ChildMessage, { type: 'scanned' }>;

/** The pause between two scans of all roots. */
export interface Pace {
  readonly shortest: Milliseconds;
  readonly longest: Milliseconds;
  /** While changes are told and none can have been missed; default: an hour. */
  readonly watched?: Milliseconds;
}

export const usualPace: Pace = { shortest: 2 * second, longest: 10 * minute, watched: hour };

type Work = Scanned['of'];
/** Somebody who asked for a scan. */
interface Waiter {
  readonly resolve: (result: Scanned) => void;
  readonly reject: (why: Error) => void;
  /** How often a scan for them broke off. */
  failures: number;
}

type ReconcilerJob = Omit<Extract<Job, { kind: 'inventory' }>, 'watcher'>;

export interface ReconcilerSettings {
  readonly pace: Pace;
  readonly index: InventoryIndex;
  /** Undefined where the system tells of no changes. */
  readonly watch: Watching | undefined;
  readonly scanned: (result: Scanned) => void;
}

/** The pause is this many times as long as the work was: a bounded share of one processor. */
const pausePer: Readonly<Record<Work, number>> = { scan: 20, look: 2, large: 20 };
const longestPause = { look: minute, large: 10 * minute } as const;
/** A child that has had nothing to do for so long is ended; its memory is given back. */
const lingering: Milliseconds = 30 * second;
/** A child that ended by itself is started again after this long. */
const restartAfter: Milliseconds = 10 * second;
/** A scan that somebody waits for is begun again this often. */
const mostScanFailures = 2;
/** Paths in one request. */
const looksAtOnce = 1_000;
/** Paths that may wait while the child is busy; a scan takes less than so many looks. */
const mostLooks = 100_000;
const deaf = 'the system tells of no changes; they are found by the periodic scan';
const overflowed = 'changes came faster than they could be read; all roots were scanned again';

/** Keeps the index true, by a child that looks at once at what changed, and scans all roots again now and then. */
export class Reconciler {
  private child: RunningChild | undefined;
  private watcher: Watcher | undefined;
  private readonly changes: ChangeQueue;
  private isStopped = false;
  private readonly busy = new Set<Work>();
  private readonly looks: FilePath[] = [];
  /** By their display form: one that changes while it waits waits once. */
  private readonly large = new Map<string, FilePath>();
  private readonly due: Record<Work, boolean> = { scan: false, look: false, large: false };
  private readonly withdraw: Partial<Record<Work | 'dismissal', () => void>> = {};
  /** Changes were lost since the last scan began; and before it began, so that it is the answer. */
  /** Who waits for a scan that has not begun yet, and for the one that is under way. */
  private readonly waiting: Record<'next' | 'current', Waiter[]> = { next: [], current: [] };
  private readonly lost = { since: false, before: false };
  private lastScan = { ended: Number.NEGATIVE_INFINITY, milliseconds: 0, isWatched: true };
  private readonly options: ChildOptions;
  private readonly job: ReconcilerJob;
  private readonly settings: ReconcilerSettings;

  constructor(options: ChildOptions, job: ReconcilerJob, settings: ReconcilerSettings) {
    this.options = options;
    this.job = job;
    this.settings = settings;
    this.changes = new ChangeQueue({
      clock: options.clock,
      directoryOf: (watch) => settings.index.watchedDirectory(watch),
      look: (paths) => this.look(paths),
      overflowed: () => this.overflowed(),
    });
  }

  start(): void {
    this.settings.index.forgetWatches();
    this.watcher = this.openWatcher();
    this.makeDue('scan', 0);
  }

  /** These files and directories have just changed. */
  look(paths: readonly FilePath[]): void {
    this.looks.push(...paths);
    if (this.looks.length > mostLooks) {
      this.looks.length = 0;
      this.overflowed();
    }
    if (paths.length > 0 && this.withdraw.look === undefined) {
      this.due.look = true;
      this.goOn();
    }
  }

  /**
   * Scans all roots from now on: one that is under way may have passed what has changed since.
   * @throws Error when it broke off again and again, or the agent is stopping.
   */
  rescan(): Promise<Scanned> {
    if (this.isStopped) {
      return Promise.reject(new Error('The inventory is stopping.'));
    }
    return new Promise((resolve, reject) => {
      this.waiting.next.push({ resolve, reject, failures: 0 });
      this.makeDue('scan', 0);
    });
  }

  stop(): void {
    this.isStopped = true;
    for (const waiter of [...this.waiting.current.splice(0), ...this.waiting.next.splice(0)]) {
      waiter.reject(new Error('The inventory is stopping.'));
    }
    for (const withdraw of Object.values(this.withdraw)) {
      withdraw();
    }
    this.changes.stop();
    this.child?.stop();
    this.watcher?.close();
    this.watcher = undefined;
  }

  private openWatcher(): Watcher | undefined {
    try {
      return this.settings.watch?.open({
        changed: (changes) => this.changes.add(changes),
        overflowed: () => this.overflowed(),
      });
    } catch (cause) {
      this.options.log.warn('Changes cannot be watched; they are found by the periodic scan.', { cause });
      return undefined;
    }
  }

  private overflowed(): void {
    this.lost.since = true;
    this.makeDue('scan', this.untilOverflowScan());
  }

  /** At once, but when it happens again and again, no more often than scans may. */
  private untilOverflowScan(): Milliseconds {
    const { ended, milliseconds } = this.lastScan;
    const earliest = ended + Math.min(this.settings.pace.longest, pausePer.scan * milliseconds);
    return Math.max(0, earliest - this.options.clock.monotonic());
  }

  private goOn(): void {
    if (this.isStopped) {
      return;
    }
    if (this.due.scan && !this.busy.has('scan')) {
      this.due.scan = false;
      this.ask('scan');
    }
    if (this.due.look && !this.busy.has('look') && this.looks.length > 0) {
      this.due.look = false;
      this.ask('look');
    }
    if (this.due.large && !this.busy.has('large') && this.large.size > 0) {
      this.due.large = false;
      this.ask('large');
    }
  }

  private ask(what: Work): void {
    this.busy.add(what);
    this.withdraw.dismissal?.();
    this.child ??= this.startChild();
    this.child.ask(this.requestFor(what));
  }

  private requestFor(what: Work): ScanRequest {
    if (what === 'look') {
      return { type: 'look', paths: this.looks.splice(0, looksAtOnce) };
    }
    const [large] = what === 'large' ? this.large : [];
    if (large !== undefined) {
      this.large.delete(large[0]);
      return { type: 'large', path: large[1] };
    }
    this.waiting.current = this.waiting.next.splice(0);
    this.lost.before = this.lost.since;
    this.lost.since = false;
    return { type: 'scan' };
  }

  private startChild(): RunningChild {
    const { watcher } = this;
    const options = watcher === undefined ? this.options : { ...this.options, inherit: watcher.descriptor };
    const job = { ...this.job, watcher: watcher === undefined ? null : inheritedDescriptor };
    return startChild(options, job, {
      message: (message) => {
        if (message.type === 'scanned') {
          this.finished(message);
        } else if (message.type === 'failed') {
          this.options.log.error('A scan of the inventory failed.', { why: message.message });
          this.dismiss();
          this.ended('crashed');
        }
      },
      ended: (end) => {
        if (end !== 'stopped') {
          this.ended(end);
        }
      },
    });
  }

  private finished(result: Scanned): void {
    this.busy.delete(result.of);
    this.postpone(result.large);
    if (result.of === 'scan') {
      this.finishedScan(result);
    } else {
      this.finishedLook(result.of, result);
    }
    this.goOn();
    if (this.busy.size === 0 && !this.isStopped) {
      this.child?.rest();
      this.withdraw.dismissal = this.options.clock.schedule(lingering, () => this.dismiss());
    }
  }

  private finishedScan(result: Scanned): void {
    const { milliseconds, isWatched } = result;
    this.lastScan = { ended: this.options.clock.monotonic(), milliseconds, isWatched };
    this.settings.scanned({ ...result, notes: [...this.ownNotes(), ...result.notes] });
    for (const waiter of this.waiting.current.splice(0)) {
      waiter.resolve(result);
    }
    if (this.waiting.next.length > 0) {
      this.makeDue('scan', 0);
    } else if (this.lost.since) {
      this.makeDue('scan', this.untilOverflowScan());
    } else if (!this.due.scan) {
      this.makeDue('scan', isWatched ? (this.settings.pace.watched ?? hour) : this.unwatchedPause());
    }
  }

  private ownNotes(): readonly string[] {
    const isDeaf = this.settings.watch !== undefined && this.watcher === undefined;
    return [...(isDeaf ? [deaf] : []), ...(this.lost.before ? [overflowed] : [])];
  }

  private postpone(paths: readonly FilePath[]): void {
    for (const path of paths) {
      this.large.set(displayPath(path), path);
    }
    if (this.large.size > 0 && this.withdraw.large === undefined) {
      this.due.large = true;
    }
  }

  private finishedLook(of: 'look' | 'large', result: Scanned): void {
    this.settings.scanned(result);
    if (this.lastScan.isWatched && !result.isWatched) {
      this.lastScan.isWatched = false;
      this.makeDue('scan', this.unwatchedPause());
    }
    this.due[of] = false;
    this.makeDue(of, Math.min(longestPause[of], pausePer[of] * result.milliseconds));
  }

  private unwatchedPause(): Milliseconds {
    const { shortest, longest } = this.settings.pace;
    return Math.min(longest, Math.max(shortest, pausePer.scan * this.lastScan.milliseconds));
  }

  private dismiss(): void {
    const dismissed = this.child;
    this.child = undefined;
    dismissed?.stop();
  }

  private ended(end: ChildEnd): void {
    this.child = undefined;
    this.busy.clear();
    this.waitOn();
    this.options.log.warn('The inventory’s child ended and is started again.', { end });
    this.makeDue('scan', Math.max(restartAfter, this.settings.pace.shortest));
  }

  /** Whoever waited for a scan that broke off waits for the next one, within reason. */
  private waitOn(): void {
    for (const waiter of this.waiting.current.splice(0)) {
      waiter.failures += 1;
      if (waiter.failures < mostScanFailures) {
        this.waiting.next.push(waiter);
      } else {
        waiter.reject(new Error('The scan broke off, and again when it was begun anew.'));
      }
    }
  }

  private makeDue(what: Work, delay: Milliseconds): void {
    this.withdraw[what]?.();
    if (this.isStopped) {
      return;
    }
    const isAsked = what === 'scan' && this.waiting.next.some(({ failures }) => failures === 0);
    this.withdraw[what] = this.options.clock.schedule(isAsked ? 0 : delay, () => {
      delete this.withdraw[what];
      this.due[what] = true;
      this.goOn();
    });
  }
}
