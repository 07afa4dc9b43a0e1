import type { KeyObject } from 'node:crypto';
import type { SignedBytes } from '#core/action/action.ts';
import type { TaskId } from '#core/action/action-id.ts';
import { lifetimeBounds } from '#core/action/lifetimes.ts';
import type { Log } from '#core/ports/log.ts';
import { type Milliseconds, minute, second } from '#core/time.ts';
import type { Order } from '#wire/order.ts';
import type { Report, ReportedFile } from '#wire/report.ts';
import { signBytes } from '#wire/signature.ts';
import type { OpenEntry } from '../journal/entry.ts';
import type { Journal } from '../journal/journal.ts';
import { fittingReport } from './fitting-report.ts';
import type { Halt } from './halt.ts';
import type { Lane } from './lane.ts';
import { cancelled, expired, failed, undoneBefore } from './order-endings.ts';
import { pause } from './pause.ts';
import { Abandoned, Paused } from './perform.ts';
import type { JudgingClock } from './server-clock.ts';
import { TaskGate } from './task-gate.ts';
import { readOrder } from './verify-order.ts';

export interface RunnerTools {
  readonly journal: Journal;
  /** By which orders are judged: a `ServerClock`. */
  readonly clock: JudgingClock;
  readonly log: Log;
  readonly deviceKey: KeyObject;
  readonly signal: AbortSignal;
  /** What a server has halted: of these verbs no task begins, and no next file of one. */
  readonly halt: Pick<Halt, 'isHalted' | 'changed'>;
  /** The lane that this order waits in before it begins; undefined where its parts wait in lanes of their own. */
  laneOf(order: Order): Pick<Lane, 'run'> | undefined;
  /**
   * @throws Abandoned when the agent is stopping, Paused when the gate is halted before a file that is not begun: then it is called
   * again later. Whatever else it throws becomes an `agent_error`.
   */
  perform(order: Order, run: Run): Promise<ReportedFile[]>;
  /** The report is durable: send it. */
  reported(taskId: TaskId, order: Order, files: readonly ReportedFile[]): void;
}

/** One of the runs that bring a task to its end. */
export interface Run {
  readonly gate: TaskGate;
  /** It was begun before: by an earlier life of the agent, or by a run that was halted. */
  readonly isResumed: boolean;
}

type BegunEntry = Extract<OpenEntry, { state: 'begun' }>;

const longestPause: Milliseconds = minute;
/** How often it is looked whether a server has said meanwhile what time it is. */
const unsurePause: Milliseconds = second;
/** How long it is waited before a journal that could not be written is tried again: at first, and at most; a beginning is tried each time after the first. */
const journalPauses = { first: second, longest: minute } as const;

interface Waiting {
  readonly entry: OpenEntry;
  readonly order: Order;
  /** It begins whatever time it is, but for its deadline. */
  readonly hurry: AbortController;
}

/** A task that has ended before it was taken into the journal. */
interface Untaken extends Pick<Order, 'taskId' | 'actionId' | 'deadline'> {
  readonly files: ReportedFile[];
}

/** Takes journalled tasks to their end, once each, whatever happens in between. */
export class TaskRunner {
  /** Not begun. */
  private readonly waiting = new Map<TaskId, Waiting>();
  /** Of each task that has not ended. */
  private readonly gates = new Map<TaskId, TaskGate>();
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
    this.follow(entry, this.take(entry, order));
  }

  /** Withdraws a task that has not begun, at once; of one that has begun no next file is begun, and it is brought to its end. */
  cancel(taskId: TaskId): void {
    this.gates.get(taskId)?.close('cancelled');
    const waiting = this.waiting.get(taskId);
    if (waiting !== undefined) {
      this.waiting.delete(taskId);
      const { entry, order } = waiting;
      this.follow(entry, this.end(entry, order, { startedAt: this.tools.clock.now(), files: cancelled(order) }));
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
      this.cancel(taskId);
      return;
    }
    const files = [undoneBefore()];
    await this.endUntaken(order, { taskId, actionId, deadline: order.issuedAt + lifetimeBounds.most, files });
  }

  /** Of an order that was called off before it came here: it is answered, and never begun, whatever happens in between. */
  async withdraw(order: Order): Promise<void> {
    await this.endUntaken(order, { ...order, files: cancelled(order) });
  }

  /** @param why the order that ends it, perhaps its own. */
  private async endUntaken(why: Order, { taskId, actionId, deadline, files }: Untaken): Promise<void> {
    const now = this.tools.clock.now();
    const { endpointId } = why;
    const report = { v: 1, endpointId, actionId, taskId, startedAt: now, finishedAt: now, files } as const;
    await this.tools.journal.forestall(taskId, deadline, this.sign(report));
    this.tools.reported(taskId, why, files);
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

  private follow({ taskId }: OpenEntry, work: Promise<void>): void {
    const followed = work.catch((cause: unknown) => {
      this.tools.log.error('A task could not be taken to its end; the next start of the agent goes on with it.', {
        taskId,
        cause,
      });
    });
    this.running.add(followed);
    void followed.finally(() => this.running.delete(followed));
  }

  /** In turns: a task that is halted leaves its lane, so that a restore of the same file need not wait for it. */
  private async take(entry: OpenEntry, order: Order): Promise<void> {
    const gate = new TaskGate(() => this.tools.halt.isHalted(order.parameters.verb));
    this.gates.set(order.taskId, gate);
    const hurry = new AbortController();
    if (entry.state === 'received') {
      this.waiting.set(order.taskId, { entry, order, hurry });
    }
    try {
      let isResumed = entry.state === 'begun';
      for (let at: OpenEntry | undefined = entry; at !== undefined; ) {
        const here: OpenEntry = at;
        if (here.state === 'received') {
          await this.untilItMayBegin(order, gate, hurry.signal);
        }
        at = await this.inLane(order, () => this.turn(here, order, { gate, isResumed }));
        if (at?.state === 'begun') {
          isResumed = true;
          await this.untilReleased(order, gate);
        }
      }
    } finally {
      this.gates.delete(order.taskId);
    }
  }

  private inLane<Result>(order: Order, work: () => Promise<Result>): Promise<Result> {
    const lane = this.tools.laneOf(order);
    return lane === undefined ? work() : lane.run(work);
  }

  /** Looks at the clock again from time to time: it may be set, or the server's may become known. */
  private async untilItMayBegin(order: Order, gate: TaskGate, hurried: AbortSignal): Promise<void> {
    const { clock, signal, halt } = this.tools;
    const { notBefore, deadline, parameters } = order;
    const either = AbortSignal.any([signal, gate.closed]);
    const left = () => Math.min(notBefore, deadline) - clock.now();
    const isTooEarly = () => !hurried.aborted && (left() > 0 || clock.isUnsure(deadline));
    const isHalted = () => halt.isHalted(parameters.verb) && clock.now() < deadline;
    while (!either.aborted && (isTooEarly() || isHalted())) {
      const until = left() > 0 ? left() : deadline - clock.now();
      const isOnlyUnsure = left() <= 0 && clock.isUnsure(deadline);
      const delay = isOnlyUnsure ? unsurePause : Math.min(until, longestPause);
      const news = hurried.aborted ? [halt.changed] : [halt.changed, hurried];
      await pause(clock, delay, AbortSignal.any([either, ...news]));
    }
  }

  /** A task that was halted ends at its deadline at the latest, with what it had done by then. */
  private async untilReleased({ deadline }: Order, gate: TaskGate): Promise<void> {
    const { clock, signal, halt } = this.tools;
    while (!signal.aborted && gate.mayBegin() === 'halted') {
      const isUnsure = clock.isUnsure(deadline);
      if (!isUnsure && clock.now() >= deadline) {
        gate.close('expired');
        return;
      }
      const delay = isUnsure ? unsurePause : Math.min(deadline - clock.now(), longestPause);
      await pause(clock, delay, AbortSignal.any([signal, gate.closed, halt.changed]));
    }
  }

  /** @returns where it stands, where it has not come to its end and goes on with another turn. */
  private async turn(entry: OpenEntry, order: Order, run: Run): Promise<OpenEntry | undefined> {
    const begun = entry.state === 'begun' ? entry : await this.begin(entry, order, run);
    return begun?.state === 'begun' ? await this.run(begun, order, run) : begun;
  }

  /**
   * From `waiting` to begun happens here and in `cancel`, each without a pause: a task goes one way only.
   * @returns undefined where it has ended; as it was where it was halted while it waited for its lane.
   */
  private async begin(entry: OpenEntry, order: Order, { gate }: Run): Promise<OpenEntry | undefined> {
    const { clock, journal, signal } = this.tools;
    const now = clock.now();
    if (!signal.aborted && now < order.deadline && gate.mayBegin() === 'halted') {
      return entry;
    }
    const waiting = this.waiting.get(order.taskId);
    if (signal.aborted || waiting === undefined) {
      return undefined;
    }
    // It may have waited long for its lane.
    if (!waiting.hurry.signal.aborted && clock.isUnsure(order.deadline)) {
      return entry;
    }
    this.waiting.delete(order.taskId);
    if (now >= order.deadline) {
      await this.end(entry, order, { startedAt: now, files: expired(order) });
      return undefined;
    }
    if (await this.isWritten(order, () => journal.begin(entry, now))) {
      return { ...entry, state: 'begun', startedAt: now };
    }
    // Nothing was done, so it can be withdrawn again.
    this.waiting.set(order.taskId, waiting);
    await pause(clock, journalPauses.first, AbortSignal.any([signal, gate.closed]));
    return entry;
  }

  /** False where the disk does not take it just now: a task must not wait for the agent's next life because a disk was full. */
  private async isWritten({ taskId }: Order, write: () => Promise<void>): Promise<boolean> {
    try {
      await write();
      return true;
    } catch (cause) {
      this.tools.log.error('The journal cannot be written; it is tried again.', { taskId, cause });
      return false;
    }
  }

  /** @returns undefined where it has ended, or the agent is stopping; as it was where it was halted. */
  private async run(entry: BegunEntry, order: Order, run: Run): Promise<BegunEntry | undefined> {
    if (this.tools.signal.aborted) {
      return undefined;
    }
    const files = await this.perform(order, run);
    if (files === 'paused') {
      return entry;
    }
    if (files !== undefined) {
      await this.end(entry, order, { startedAt: entry.startedAt, files });
    }
    return undefined;
  }

  /** Undefined when the agent is stopping and the task goes on in its next life. */
  private async perform(order: Order, run: Run): Promise<ReportedFile[] | 'paused' | undefined> {
    try {
      return await this.tools.perform(order, run);
    } catch (thrown) {
      if (thrown instanceof Abandoned) {
        return undefined;
      }
      if (thrown instanceof Paused) {
        return 'paused';
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
    const { journal, clock, signal } = this.tools;
    const { endpointId, actionId, taskId } = order;
    const finishedAt = Math.max(clock.now(), ended.startedAt);
    const report = this.sign({ v: 1, endpointId, actionId, taskId, finishedAt, ...ended });
    for (let failures = 1; !(await this.isWritten(order, () => journal.end(entry, report))); failures += 1) {
      await pause(clock, journalPause(failures), signal);
      if (signal.aborted) {
        return;
      }
    }
    this.tools.reported(taskId, order, ended.files);
  }

  private sign(report: Report): SignedBytes {
    const bytes = fittingReport(report);
    return { bytes, signature: signBytes('custody-report-v1', bytes, this.tools.deviceKey) };
  }
}

function journalPause(failures: number): Milliseconds {
  return Math.min(journalPauses.longest, journalPauses.first * 2 ** Math.min(failures - 1, 10));
}
