import type { KeyObject } from 'node:crypto';
import type { SignedBytes } from '#core/action/action.ts';
import type { TaskId } from '#core/action/action-id.ts';
import { lifetimeBounds } from '#core/action/lifetimes.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { Log } from '#core/ports/log.ts';
import { type Milliseconds, minute, second } from '#core/time.ts';
import type { Order } from '#wire/order.ts';
import type { Report, ReportedFile } from '#wire/report.ts';
import { signBytes } from '#wire/signature.ts';
import type { OpenEntry } from '../journal/entry.ts';
import type { Journal } from '../journal/journal.ts';
import { fittingReport } from './fitting-report.ts';
import type { Lane } from './lane.ts';
import { cancelled, expired, failed, undoneBefore } from './order-endings.ts';
import { pause } from './pause.ts';
import { Abandoned } from './perform.ts';
import type { ServerClock } from './server-clock.ts';
import { readOrder } from './verify-order.ts';

export interface RunnerTools {
  readonly journal: Journal;
  /** By which orders are judged: a `ServerClock`. */
  readonly clock: Clock & Pick<ServerClock, 'isUnsure'>;
  readonly log: Log;
  readonly deviceKey: KeyObject;
  readonly signal: AbortSignal;
  /** The lane that this order waits in before it begins; undefined where its parts wait in lanes of their own. */
  laneOf(order: Order): Pick<Lane, 'run'> | undefined;
  /** @throws Abandoned when the agent is stopping. Whatever else it throws becomes an `agent_error`. */
  perform(order: Order): Promise<ReportedFile[]>;
  /** The report is durable: send it. */
  reported(taskId: TaskId, order: Order, files: readonly ReportedFile[]): void;
}

const longestPause: Milliseconds = minute;
/** How often it is looked whether a server has said meanwhile what time it is. */
const unsurePause: Milliseconds = second;

interface Waiting {
  readonly entry: OpenEntry;
  readonly order: Order;
  readonly withdrawal: AbortController;
  /** It begins whatever time it is, but for its deadline. */
  readonly hurry: AbortController;
}

/** Takes journalled tasks to their end, once each, whatever happens in between. */
export class TaskRunner {
  private readonly waiting = new Map<TaskId, Waiting>();
  private readonly running = new Set<Promise<void>>();
  private readonly tools: RunnerTools;

  constructor(tools: RunnerTools) {
    this.tools = tools;
  }

  /** Begins what was received, and goes on with what an earlier life of the agent had begun. */
  start(entry: OpenEntry): void {
    const order = readOrder(entry.order.bytes);
    if (order === undefined) {
      this.tools.log.error('A journalled order cannot be read.', { taskId: entry.taskId });
      return;
    }
    const work = this.take(entry, order).catch((cause: unknown) => {
      this.tools.log.error('A task could not be taken to its end; the next start of the agent goes on with it.', {
        taskId: entry.taskId,
        cause,
      });
    });
    this.running.add(work);
    void work.finally(() => this.running.delete(work));
  }

  /** Withdraws a task that has not begun, at once; one that has begun is finished. */
  async cancel(taskId: TaskId): Promise<void> {
    const waiting = this.waiting.get(taskId);
    if (waiting !== undefined) {
      this.waiting.delete(taskId);
      waiting.withdrawal.abort();
      const files = cancelled(waiting.order);
      await this.end(waiting.entry, waiting.order, { startedAt: this.tools.clock.now(), files });
    }
  }

  /**
   * An undo is the newer word about the quarantine that it names: where that has not begun it never does, though its order may
   * come only later. One that has begun is finished, and the undo comes after it.
   */
  async forestall(undone: OpenEntry): Promise<void> {
    const order = readOrder(undone.order.bytes);
    if (order?.parameters.verb !== 'undo') {
      return;
    }
    const { taskId, actionId } = order.parameters;
    if (this.tools.journal.stateOf(taskId) !== undefined) {
      await this.cancel(taskId);
      return;
    }
    const now = this.tools.clock.now();
    const files = [undoneBefore()];
    const report = {
      v: 1,
      endpointId: order.endpointId,
      actionId,
      taskId,
      startedAt: now,
      finishedAt: now,
      files,
    } as const;
    await this.tools.journal.forestall(taskId, order.issuedAt + lifetimeBounds.most, this.sign(report));
    this.tools.reported(taskId, order, files);
  }

  /**
   * Begins a task that waits for its time, or for a server to say what time it is: somebody stands at the machine and wants it now.
   * One that has begun, or ended, goes on as it is.
   */
  hurry(taskId: TaskId): void {
    this.waiting.get(taskId)?.hurry.abort();
  }

  /** Resolves when everything has ended or was abandoned. */
  async idle(): Promise<void> {
    await Promise.all(this.running);
  }

  private async take(entry: OpenEntry, order: Order): Promise<void> {
    if (entry.state === 'begun') {
      await this.inLane(order, () => this.run(entry, order));
      return;
    }
    const [withdrawal, hurry] = [new AbortController(), new AbortController()];
    this.waiting.set(order.taskId, { entry, order, withdrawal, hurry });
    await this.untilItsTime(order, AbortSignal.any([withdrawal.signal, hurry.signal]));
    await this.inLane(order, () => this.begin(entry, order));
  }

  private inLane(order: Order, work: () => Promise<void>): Promise<void> {
    const lane = this.tools.laneOf(order);
    return lane === undefined ? work() : lane.run(work);
  }

  /** Looks at the clock again from time to time: it may be set, or the server's may become known. */
  private async untilItsTime({ notBefore, deadline }: Order, noLonger: AbortSignal): Promise<void> {
    const { clock, signal } = this.tools;
    const either = AbortSignal.any([signal, noLonger]);
    const left = () => Math.min(notBefore, deadline) - clock.now();
    while ((left() > 0 || clock.isUnsure(deadline)) && !either.aborted) {
      await pause(clock, left() > 0 ? Math.min(left(), longestPause) : unsurePause, either);
    }
  }

  /** From `waiting` to begun happens here and in `cancel`, each without a pause: a task goes one way only. */
  private async begin(entry: OpenEntry, order: Order): Promise<void> {
    const { clock, journal, signal } = this.tools;
    if (signal.aborted || !this.waiting.delete(order.taskId)) {
      return;
    }
    const now = clock.now();
    if (now >= order.deadline) {
      await this.end(entry, order, { startedAt: now, files: expired(order) });
      return;
    }
    await journal.begin(entry, now);
    await this.run({ ...entry, state: 'begun', startedAt: now }, order);
  }

  private async run(entry: Extract<OpenEntry, { state: 'begun' }>, order: Order): Promise<void> {
    if (this.tools.signal.aborted) {
      return;
    }
    const files = await this.perform(order);
    if (files !== undefined) {
      await this.end(entry, order, { startedAt: entry.startedAt, files });
    }
  }

  /** Undefined when the agent is stopping and the task goes on in its next life. */
  private async perform(order: Order): Promise<ReportedFile[] | undefined> {
    try {
      return await this.tools.perform(order);
    } catch (thrown) {
      if (thrown instanceof Abandoned) {
        return undefined;
      }
      this.tools.log.error('A task failed in the agent.', { taskId: order.taskId, cause: thrown });
      return failed(order, thrown);
    }
  }

  private async end(
    entry: OpenEntry,
    order: Order,
    ended: { readonly startedAt: number; readonly files: ReportedFile[] },
  ): Promise<void> {
    const { journal, clock } = this.tools;
    const { endpointId, actionId, taskId } = order;
    const finishedAt = Math.max(clock.now(), ended.startedAt);
    await journal.end(entry, this.sign({ v: 1, endpointId, actionId, taskId, finishedAt, ...ended }));
    this.tools.reported(taskId, order, ended.files);
  }

  private sign(report: Report): SignedBytes {
    const bytes = fittingReport(report);
    return { bytes, signature: signBytes('custody-report-v1', bytes, this.tools.deviceKey) };
  }
}
