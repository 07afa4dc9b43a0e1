import type { SignedBytes } from '#core/action/action.ts';
import type { TaskId } from '#core/action/action-id.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { Log } from '#core/ports/log.ts';
import { firstWithWitnesses } from '#wire/limits.ts';
import type { AgentMessage } from '#wire/messages.ts';
import type { Order } from '#wire/order.ts';
import type { Identity } from './identity/identity.ts';
import type { OrderKeys } from './identity/order-keys.ts';
import type { TrustKeeper } from './identity/trust-keeper.ts';
import type { InventoryFeed } from './inventory/feed.ts';
import type { Journal } from './journal/journal.ts';
import type { Statement } from './link/link.ts';
import type { Halt } from './tasks/halt.ts';
import type { TaskRunner } from './tasks/runner.ts';
import { verifyOrder } from './tasks/verify-order.ts';
import type { VaultFeed } from './vault/listing.ts';
import type { Witness } from './witness/witness.ts';

export interface AgentParts {
  readonly identity: Identity;
  readonly orderKeys: OrderKeys;
  readonly journal: Journal;
  readonly runner: TaskRunner;
  readonly halt: Pick<Halt, 'take'>;
  readonly feed: InventoryFeed;
  readonly vaultFeed: VaultFeed;
  readonly trust: TrustKeeper;
  readonly witness: Witness;
  readonly clock: Clock;
  readonly log: Log;
  say(message: Exclude<AgentMessage, { type: 'hello' }>): boolean;
  /** Begins the connection anew: the server sends again what was not accepted. */
  reconnect(why: string): void;
}

/** A server sends the order right after it has called it off. */
const mostCalledOff = 10_000;

/** What the agent does with what it hears; every answer follows from the journal. */
export class Agent {
  /** Orders that are being written to the journal right now. */
  private readonly arriving = new Set<TaskId>();
  /** What was called off before its order came; the newest. */
  private readonly calledOff = new Set<TaskId>();
  /** Tasks that found the vault other than its records say. */
  private readonly doubtful = new Set<TaskId>();
  /** Of connections, so far. */
  private losses = 0;
  private readonly parts: AgentParts;

  constructor(parts: AgentParts) {
    this.parts = parts;
  }

  /**
   * First what the server may not know yet; orders come after that by themselves.
   * @param version of the protocol, as both sides speak it
   * @returns what is to be done in its turn, of which nothing is begun once this connection is lost: what would then go on
   *   by itself would be ended by nobody, and keep an agent that was told to stop.
   */
  welcomed(version: number): () => Promise<void> {
    const { losses } = this;
    const isLost = () => this.losses !== losses;
    return async () => {
      for (const taskId of this.parts.journal.unrecorded) {
        await this.report(taskId);
      }
      if (isLost()) {
        return;
      }
      this.parts.vaultFeed.connected();
      this.parts.feed.connected();
      if (version >= firstWithWitnesses) {
        await this.parts.witness.connected();
      }
    };
  }

  lost(): void {
    this.losses += 1;
    this.parts.vaultFeed.lost();
    this.parts.feed.lost();
    this.parts.witness.lost();
  }

  async heard(statement: Statement): Promise<void> {
    const { journal, runner, feed, vaultFeed, log } = this.parts;
    switch (statement.type) {
      case 'order':
        await this.order({ bytes: statement.order, signature: statement.signature });
        return;
      case 'cancel':
        if (journal.stateOf(statement.taskId) === undefined) {
          this.callOff(statement.taskId);
        } else {
          runner.cancel(statement.taskId);
        }
        return;
      case 'halt':
        await this.halted(statement);
        return;
      case 'recorded':
        await journal.markRecorded(statement.taskId);
        if (this.doubtful.delete(statement.taskId)) {
          vaultFeed.scrubbed();
        }
        return;
      case 'report_refused':
        log.error('The server refused a report for good; it is kept aside.', { ...statement });
        await journal.markRefused(statement.taskId);
        return;
      case 'trust':
        await this.parts.trust.take({ bytes: statement.trust, signature: statement.signature });
        return;
      case 'order_key':
        await this.parts.orderKeys.take(statement);
        return;
      case 'checkpoint':
        await this.parts.witness.take(statement);
        return;
      case 'inventory_recorded':
        feed.confirmed(statement.batch);
        return;
      case 'vault_recorded':
        vaultFeed.confirmed();
    }
  }

  /** The vault's list is told anew once this task's report is recorded: before, the server takes what is missing for what was ordered away. */
  doubtVault(taskId: TaskId): void {
    this.doubtful.add(taskId);
  }

  /** Sends the stored report of a task that has ended. */
  async report(taskId: TaskId): Promise<void> {
    const report = await this.parts.journal.report(taskId);
    if (report !== undefined) {
      this.parts.say({ type: 'report', report: report.bytes, signature: report.signature });
    }
  }

  /** In effect at once; confirmed when it outlasts this life of the agent. */
  private async halted({ revision, verbs }: Extract<Statement, { type: 'halt' }>): Promise<void> {
    if (await this.parts.halt.take(verbs)) {
      this.parts.say({ type: 'halt_kept', revision });
    }
  }

  private async order(signed: SignedBytes): Promise<void> {
    const { orderKeys, identity, log } = this.parts;
    const verdict = verifyOrder(signed, orderKeys.current, identity.endpointId);
    if (verdict.genuine) {
      await this.genuine(verdict.order, signed);
      return;
    }
    log.error('An order was refused.', { taskId: verdict.taskId, why: verdict.why });
    if (verdict.taskId !== undefined && this.parts.journal.stateOf(verdict.taskId) === undefined) {
      this.refuse(verdict.taskId, verdict.why);
    }
  }

  private async genuine(order: Order, signed: SignedBytes): Promise<void> {
    const { journal } = this.parts;
    const { taskId } = order;
    if (this.arriving.has(taskId)) {
      return;
    }
    switch (journal.stateOf(taskId)) {
      case undefined:
        await this.receive(order, signed);
        return;
      case 'received':
      case 'begun':
        this.parts.say({ type: 'accepted', taskIds: [taskId] });
        return;
      case 'reported':
      case 'recorded':
      case 'refused':
        await this.report(taskId);
        return;
      case 'damaged':
        this.refuse(taskId, 'The agent’s journal entry of this task cannot be read; it is not executed again.');
    }
  }

  /** A server that calls off an order which this agent may never have had says so before it sends it: it must not be begun in between. */
  private callOff(taskId: TaskId): void {
    this.calledOff.add(taskId);
    const [oldest] = this.calledOff;
    if (this.calledOff.size > mostCalledOff && oldest !== undefined) {
      this.calledOff.delete(oldest);
    }
  }

  /** On disk first, then accepted, then begun. */
  private async receive(order: Order, signed: SignedBytes): Promise<void> {
    const { journal, runner, log } = this.parts;
    const { taskId, deadline } = order;
    this.arriving.add(taskId);
    try {
      if (this.calledOff.has(taskId)) {
        await runner.withdraw(order);
        this.calledOff.delete(taskId);
        return;
      }
      const entry = await journal.receive(taskId, deadline, signed);
      this.parts.say({ type: 'accepted', taskIds: [taskId] });
      runner.start(entry);
      await runner.forestall(entry);
    } catch (cause) {
      log.error('An order could not be taken into the journal.', { taskId, cause });
      this.parts.reconnect('an order could not be taken into the journal');
    } finally {
      this.arriving.delete(taskId);
    }
  }

  private refuse(taskId: TaskId, why: string): void {
    this.parts.say({ type: 'order_refused', taskId, why });
  }
}
