import type { FilePath } from '#core/file/file-path.ts';
import { type Milliseconds, minute, second } from '#core/time.ts';
import type { ChildMessage, Job, ScanRequest } from '../child/job.ts';
import { type ChildEnd, type ChildOptions, type RunningChild, startChild } from '../child/spawn.ts';

type Scanned = Extract<ChildMessage, { type: 'scanned' }>;

export interface Pace {
  readonly shortest: Milliseconds;
  readonly longest: Milliseconds;
}

export const usualPace: Pace = { shortest: 2 * second, longest: 10 * minute };

/** A scan may take so much of one processor: the pause is this many times as long as the scan was. */
const pausePerScan = 20;
/** Over a pause of this length the child is ended. */
const worthDismissing: Milliseconds = 15 * second;
/** A child that ended by itself is started again after this long. */
const restartAfter: Milliseconds = 10 * second;

/** Keeps the index true, by a child that scans all roots again and again and looks at once where it is told to. */
export class Reconciler {
  private child: RunningChild | undefined;
  private isBusy = false;
  private isStopped = false;
  private withdraw: (() => void) | undefined;
  private readonly looks: FilePath[] = [];
  private readonly options: ChildOptions;
  private readonly job: Extract<Job, { kind: 'inventory' }>;
  private readonly pace: Pace;
  private readonly scanned: (result: Scanned) => void;
  private isScanDue = false;
  private wasScan = false;

  constructor(
    options: ChildOptions,
    job: Extract<Job, { kind: 'inventory' }>,
    settings: { readonly pace: Pace; readonly scanned: (result: Scanned) => void },
  ) {
    this.options = options;
    this.job = job;
    this.pace = settings.pace;
    this.scanned = settings.scanned;
  }

  start(): void {
    this.isScanDue = true;
    this.goOn();
  }

  /** These files have just been taken away or brought back. */
  look(paths: readonly FilePath[]): void {
    this.looks.push(...paths);
    this.goOn();
  }

  stop(): void {
    this.isStopped = true;
    this.withdraw?.();
    this.child?.stop();
  }

  private goOn(): void {
    const request = this.isStopped || this.isBusy ? undefined : this.nextRequest();
    if (request !== undefined) {
      this.isBusy = true;
      this.wasScan = request.type === 'scan';
      this.child ??= this.startChild();
      this.child.ask(request);
    }
  }

  private nextRequest(): ScanRequest | undefined {
    if (this.looks.length > 0) {
      return { type: 'look', paths: this.looks.splice(0, 1_000) };
    }
    if (!this.isScanDue) {
      return undefined;
    }
    this.isScanDue = false;
    return { type: 'scan' };
  }

  private startChild(): RunningChild {
    return startChild(this.options, this.job, {
      message: (message) => {
        if (message.type === 'scanned') {
          this.finished(message);
        } else if (message.type === 'failed') {
          this.options.log.error('A scan of the inventory failed.', { why: message.message });
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
    this.child?.rest();
    this.isBusy = false;
    this.scanned(result);
    if (this.wasScan) {
      const pause = Math.max(this.pace.shortest, pausePerScan * result.milliseconds);
      this.schedule(Math.min(this.pace.longest, pause));
      this.dismissDuring(pause);
    }
    this.goOn();
  }

  /** Its memory is given back over a long pause; over a short one, starting it again would cost more. */
  private dismissDuring(pause: Milliseconds): void {
    if (pause >= worthDismissing && this.looks.length === 0) {
      const dismissed = this.child;
      this.child = undefined;
      dismissed?.stop();
    }
  }

  private ended(end: ChildEnd): void {
    this.child = undefined;
    this.isBusy = false;
    this.options.log.warn('The inventory’s child ended and is started again.', { end });
    this.schedule(Math.max(restartAfter, this.pace.shortest));
  }

  private schedule(delay: Milliseconds): void {
    this.withdraw?.();
    this.withdraw = this.options.clock.schedule(delay, () => {
      this.isScanDue = true;
      this.goOn();
    });
  }
}
