import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import { asFault } from '#core/fault.ts';
import type { Doorbell } from '#core/ports/doorbell.ts';
import { SignerRefusal } from '#core/ports/order-signer.ts';
import { type Milliseconds, minute, second } from '#core/time.ts';
import { deliverableTasks, markSent } from '#core/verbs/take-deliverable.ts';
import { withoutUnconfirmed } from '#core/verbs/without-unconfirmed.ts';
import type { AgentSession } from './agent-session.ts';
import { partFrom } from './end-revoked.ts';
import type { GatewayPorts } from './gateway-ports.ts';
import type { GatewaySettings } from './gateway-settings.ts';
import type { Hub } from './hub.ts';
import { type Delivery, OrderPlan, type SignedDelivery } from './order-plan.ts';
import { Refusals } from './refusals.ts';
import type { StopWatch } from './stop-watch.ts';

const firstRetry = second;
const longestRetry = minute;
/** Orders that go to the signer in one call. */
const ordersPerSigning = 256;

/**
 * Hands open tasks to connected agents. Rings that come close together become one round: one look into the store,
 * one call of the signer, then the frames. Backfill after a reconnect is a ring like any other, so there is one way
 * only, and what a session was handed already is not sent to it again. What needs no signature, the cancellation of
 * what an agent has, leaves before the signer is asked, and while it is away.
 */
export class OrderDispatcher implements Doorbell {
  readonly reach = 'process';
  readonly #ports: GatewayPorts;
  readonly #settings: Pick<GatewaySettings, 'coalesce' | 'endpointsPerRound'>;
  readonly #hub: Hub;
  readonly #plan: OrderPlan;
  readonly #stop: StopWatch;
  #rung = new Set<EndpointId>();
  #withdraw: (() => void) | undefined;
  #running: Promise<void> | undefined;
  /** Withdraws each ring that is to come of what the signer refused, or could not be asked for. */
  readonly #later = new Set<() => void>();
  #failures = 0;
  /** While the signer is not asked, because it was away: whose orders wait until it is asked again. */
  #awaiting: Set<EndpointId> | undefined;
  /** How often in a row it was away. */
  #absences = 0;
  #stopped = false;

  constructor(
    ports: GatewayPorts,
    settings: Pick<GatewaySettings, 'coalesce' | 'endpointsPerRound'>,
    { hub, stop }: { readonly hub: Hub; readonly stop: StopWatch },
  ) {
    this.#ports = ports;
    this.#settings = settings;
    this.#hub = hub;
    this.#stop = stop;
    this.#plan = new OrderPlan(ports, hub, stop);
  }

  ring(endpoints: readonly EndpointId[]): void {
    for (const id of endpoints) {
      if (this.#hub.has(id)) {
        this.#rung.add(id);
      }
    }
    if (this.#rung.size > 0 && this.#running === undefined && this.#withdraw === undefined) {
      this.#wakeAfter(this.#settings.coalesce);
    }
  }

  stopChanged(): void {
    void this.#stop.look();
  }

  /** A session has ended: what it was handed may be lost. */
  forget(session: AgentSession): void {
    this.#plan.forget(session);
  }

  /** Ends after the round that is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#withdraw?.();
    for (const withdraw of this.#later) {
      withdraw();
    }
    await this.#running;
  }

  #wakeAfter(delay: number): void {
    if (this.#stopped) {
      return;
    }
    this.#withdraw = this.#ports.clock.schedule(delay, () => {
      this.#withdraw = undefined;
      this.#running = this.#runRounds();
    });
  }

  async #runRounds(): Promise<void> {
    while (this.#rung.size > 0 && !this.#stopped) {
      const round = this.#nextRound();
      try {
        await this.#runRound(round);
        this.#failures = 0;
      } catch (thrown) {
        this.#retry(round, thrown);
        break;
      }
    }
    this.#running = undefined;
  }

  #nextRound(): readonly EndpointId[] {
    const round = [...this.#rung.values().take(this.#settings.endpointsPerRound)];
    for (const id of round) {
      this.#rung.delete(id);
    }
    return round;
  }

  async #runRound(round: readonly EndpointId[]): Promise<void> {
    const { tasks: open, stop, revoked } = await deliverableTasks(this.#ports, { endpointIds: round });
    partFrom(this.#ports, this.#hub, revoked);
    // Before any order: agents are told what is halted, or that nothing is.
    this.#stop.learn(stop);
    const tasks = await withoutUnconfirmed(this.#ports, open);
    const { deliveries, unfinished, waiting } = this.#plan.draw(round, tasks, this.#awaiting === undefined);
    for (const id of waiting) {
      this.#awaiting?.add(id);
    }
    const [bare, ordered] = partition(deliveries, ({ order }) => order === undefined);
    this.#send(bare.map((delivery) => ({ delivery, signature: undefined, key: '' })));
    const signed = await this.#signEach(ordered);
    // Only what is signed is marked: while the signer is away, or refuses, tasks must stay `pending`.
    const unsent = signed.flatMap(({ delivery }) => delivery.unsent ?? []);
    const withdrawn = await markSent(this.#ports, unsent);
    this.#send(signed.filter(({ delivery }) => !withdrawn.has(delivery.taskId)));
    for (const id of unfinished) {
      this.#rung.add(id);
    }
  }

  /** In chunks. What the signer refuses, or is not there for, is left out and comes again by itself. */
  async #signEach(deliveries: readonly Delivery[]): Promise<readonly SignedDelivery[]> {
    const refusals = new Refusals();
    const signed: SignedDelivery[] = [];
    for (let start = 0; start < deliveries.length; start += ordersPerSigning) {
      const chunk = deliveries.slice(start, start + ordersPerSigning);
      const [unasked, asked] = partition(chunk, (delivery) => refusals.concern(delivery));
      for (const delivery of unasked) {
        refusals.addIfUnasked(delivery);
      }
      try {
        signed.push(...(await this.#sign(asked, refusals)));
      } catch (thrown) {
        this.#awaitSigner(deliveries.slice(start), thrown);
        break;
      }
    }
    this.#holdBack(refusals);
    return signed;
  }

  async #sign(asked: readonly Delivery[], refusals: Refusals): Promise<readonly SignedDelivery[]> {
    const orders = asked.flatMap(({ order }) => (order === undefined ? [] : [order]));
    if (orders.length === 0) {
      return [];
    }
    const signed = await this.#ports.signer.sign(orders);
    this.#absences = 0;
    const key = Buffer.from(signed.key).toString('base64');
    return asked.flatMap((delivery, index) => {
      const signature = signed.results[index];
      if (signature instanceof SignerRefusal) {
        refusals.add(delivery, signature);
        return [];
      }
      return signature === undefined ? [] : [{ delivery, signature, key }];
    });
  }

  /** Until it is asked again rounds go on without it: what was signed is not lost, and what needs no signature does not wait. */
  #awaitSigner(unsigned: readonly Delivery[], thrown: unknown): void {
    const delay = retryDelay(this.#absences);
    this.#absences += 1;
    const awaiting = new Set(unsigned.map(({ endpointId }) => endpointId));
    this.#awaiting = awaiting;
    const facts = { endpoints: awaiting.size, retryAfter: delay, cause: asFault(thrown) };
    this.#ports.log.error('Orders could not be handed out; they wait.', facts);
    this.#after(delay, () => {
      this.#awaiting = undefined;
      this.ring([...awaiting]);
    });
  }

  #send(signed: readonly SignedDelivery[]): void {
    for (const each of signed) {
      if (!this.#plan.hand(each)) {
        this.#rung.add(each.delivery.endpointId);
      }
    }
  }

  #holdBack(refusals: Refusals): void {
    for (const [delivery, refusal] of refusals.all) {
      this.#plan.hold(delivery, refusal);
    }
    for (const [refusal, endpoints] of refusals.byReason()) {
      const { rule, message, retryAfter } = refusal;
      this.#ports.log.warn('The signer refuses orders; they wait.', { rule, why: message, retryAfter });
      this.#after(retryAfter, () => this.ring(endpoints));
    }
  }

  #after(delay: Milliseconds, call: () => void): void {
    if (this.#stopped) {
      return;
    }
    const withdraw = this.#ports.clock.schedule(delay, () => {
      this.#later.delete(withdraw);
      call();
    });
    this.#later.add(withdraw);
  }

  /** The store did not answer: nothing of the round can be known to have left. */
  #retry(round: readonly EndpointId[], thrown: unknown): void {
    const delay = retryDelay(this.#failures);
    this.#failures += 1;
    const facts = { endpoints: round.length, retryAfter: delay, cause: asFault(thrown) };
    this.#ports.log.error('Orders could not be handed out; they wait.', facts);
    for (const id of round) {
      this.#rung.add(id);
    }
    this.#wakeAfter(delay);
  }
}

function retryDelay(failures: number): Milliseconds {
  return Math.min(longestRetry, firstRetry * 2 ** failures);
}

function partition<Item>(
  items: readonly Item[],
  isFirst: (item: Item) => boolean,
): readonly [first: readonly Item[], second: readonly Item[]] {
  return [items.filter(isFirst), items.filter((item) => !isFirst(item))];
}
