import type { KeyObject } from 'node:crypto';
import type { SignedBytes } from '#core/action/action.ts';
import type { TaskId } from '#core/action/action-id.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { Log } from '#core/ports/log.ts';
import { encode } from '#wire/codec.ts';
import type { Order } from '#wire/order.ts';
import type { Report, ReportedFile } from '#wire/report.ts';
import { signBytes } from '#wire/signature.ts';
import type { OpenEntry } from '../journal/entry.ts';
import type { Journal } from '../journal/journal.ts';
import type { Lane } from './lane.ts';
import { cancelled, expired, failed } from './order-endings.ts';
import { pause } from './pause.ts';
import { Abandoned } from './perform.ts';
import { readOrder } from './verify-order.ts';

export interface RunnerTools {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: Log;
  readonly deviceKey: KeyObject;
  readonly signal: AbortSignal;
  /** The lane that this order waits in before it begins; undefined where its parts wait in lanes of their own. */
  laneOf(order: Order): Lane | undefined;
  /** @throws Abandoned when the agent is stopping. Whatever else it throws becomes an `agent_error`. */
  perform(order: Order): Promise<ReportedFile[]>;
  /** The report is durable: send it. */
  reported(taskId: TaskId, order: Order, files: readonly ReportedFile[]): void;
}

/** Takes journalled tasks to their end, once each, whatever happens in between. */
export class TaskRunner {
  private readonly waiting = new Map<TaskId, AbortController>();
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

  /** Withdraws a task that has not begun; one that has is finished. */
  cancel(taskId: TaskId): void {
    this.waiting.get(taskId)?.abort();
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
    const withdrawal = new AbortController();
    this.waiting.set(order.taskId, withdrawal);
    try {
      await this.untilItsTime(order, withdrawal.signal);
      await this.inLane(order, () => this.begin(entry, order, withdrawal.signal));
    } finally {
      this.waiting.delete(order.taskId);
    }
  }

  private inLane(order: Order, work: () => Promise<void>): Promise<void> {
    const lane = this.tools.laneOf(order);
    return lane === undefined ? work() : lane.run(work);
  }

  private async untilItsTime({ notBefore, deadline }: Order, withdrawn: AbortSignal): Promise<void> {
    const { clock, signal } = this.tools;
    const either = AbortSignal.any([signal, withdrawn]);
    await pause(clock, Math.min(notBefore, deadline) - clock.now(), either);
  }

  private async begin(entry: OpenEntry, order: Order, withdrawn: AbortSignal): Promise<void> {
    const { clock, journal, signal } = this.tools;
    if (signal.aborted) {
      return;
    }
    const now = clock.now();
    if (withdrawn.aborted) {
      await this.end(entry, order, { startedAt: now, files: cancelled(order) });
      return;
    }
    if (now >= order.deadline) {
      await this.end(entry, order, { startedAt: now, files: expired(order) });
      return;
    }
    this.waiting.delete(order.taskId);
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
    const bytes = encode(report);
    return { bytes, signature: signBytes('custody-report-v1', bytes, this.tools.deviceKey) };
  }
}
