import { type FilePath, filePathSchema } from '#core/file/file-path.ts';
import type { Clock } from '#core/ports/clock.ts';
import { type Milliseconds, second } from '#core/time.ts';
import type { Change } from '../platform/watching.ts';
import { joinPath, keyOf } from './index-file.ts';

export interface ChangeQueueTools {
  readonly clock: Clock;
  /** Where a watched directory is by now; undefined: no longer under the roots, or not yet listed. */
  directoryOf(watch: number): Uint8Array | undefined;
  look(paths: readonly FilePath[]): void;
  /** There are too many to look at one by one. */
  overflowed(): void;
}

interface Waiting {
  readonly watch: number;
  readonly name: Uint8Array;
  due: Milliseconds;
}

/** How long after a change it is looked at: those of one moment together. */
const soon: Milliseconds = 250;
/** And when whoever makes it has not closed the file yet. */
const underWay: Milliseconds = second;
/** What changes again and again is looked at less and less often, but this often. */
const longest: Milliseconds = 3 * second;
/** Whoever has not changed for so long is no longer one of those. */
const quiet: Milliseconds = 4 * longest;
const mostWaiting = 20_000;
const fewFrequent = 1_000;

/** Collects what the system tells of changes, and says of each file once, when it has calmed down, that it is to be looked at. */
export class ChangeQueue {
  private readonly waiting = new Map<string, Waiting>();
  /** What was looked at lately: how long it waits the next time, and until when that counts. */
  private readonly frequent = new Map<string, { readonly wait: Milliseconds; readonly until: Milliseconds }>();
  private wake: { readonly at: Milliseconds; readonly withdraw: () => void } | undefined;
  private readonly tools: ChangeQueueTools;

  constructor(tools: ChangeQueueTools) {
    this.tools = tools;
  }

  add(changes: readonly Change[]): void {
    const now = this.tools.clock.monotonic();
    for (const change of changes) {
      this.wakeAt(this.addOne(change, now), now);
    }
    if (this.waiting.size > mostWaiting) {
      this.waiting.clear();
      this.tools.overflowed();
    }
  }

  stop(): void {
    this.wake?.withdraw();
    this.waiting.clear();
  }

  /** @returns when the file is to be looked at. */
  private addOne({ watch, name, isUnderWay }: Change, now: Milliseconds): Milliseconds {
    const key = `${watch}/${keyOf(name)}`;
    const due = now + Math.max(isUnderWay ? underWay : soon, this.frequencyWait(key, now));
    const known = this.waiting.get(key);
    if (known === undefined) {
      this.waiting.set(key, { watch, name, due });
      return due;
    }
    known.due = Math.min(known.due, due);
    return known.due;
  }

  private frequencyWait(key: string, now: Milliseconds): Milliseconds {
    const before = this.frequent.get(key);
    return before !== undefined && now < before.until ? before.wait : 0;
  }

  private handOver(): void {
    this.wake = undefined;
    const now = this.tools.clock.monotonic();
    const paths: FilePath[] = [];
    let next = Number.POSITIVE_INFINITY;
    for (const [key, each] of this.waiting) {
      if (each.due > now) {
        next = Math.min(next, each.due);
        continue;
      }
      this.waiting.delete(key);
      const wait = Math.min(longest, 2 * Math.max(soon, this.frequencyWait(key, now)));
      this.frequent.set(key, { wait, until: now + quiet });
      paths.push(...this.pathOf(each));
    }
    this.forgetQuiet(now);
    if (next < Number.POSITIVE_INFINITY) {
      this.wakeAt(next, now);
    }
    this.tools.look(paths);
  }

  private pathOf({ watch, name }: Waiting): readonly FilePath[] {
    const directory = this.tools.directoryOf(watch);
    if (directory === undefined) {
      return [];
    }
    return [name.length === 0 ? filePathSchema.parse(directory) : joinPath(directory, name)];
  }

  private forgetQuiet(now: Milliseconds): void {
    if (this.frequent.size > fewFrequent) {
      for (const [key, { until }] of this.frequent) {
        if (until <= now) {
          this.frequent.delete(key);
        }
      }
    }
  }

  private wakeAt(at: Milliseconds, now: Milliseconds): void {
    if (this.wake === undefined || at < this.wake.at) {
      this.wake?.withdraw();
      this.wake = { at, withdraw: this.tools.clock.schedule(at - now, () => this.handOver()) };
    }
  }
}
