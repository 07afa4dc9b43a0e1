import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import { asFault } from '#core/fault.ts';
import type { Doorbell } from '#core/ports/doorbell.ts';
import { minute, second } from '#core/time.ts';
import { takeDeliverable } from '#core/verbs/take-deliverable.ts';
import type { AgentSession } from './agent-session.ts';
import { endRevoked } from './end-revoked.ts';
import type { GatewayPorts } from './gateway-ports.ts';
import type { GatewaySettings } from './gateway-settings.ts';
import type { Hub } from './hub.ts';
import { type Delivery, OrderPlan } from './order-plan.ts';

const firstRetry = second;
const longestRetry = minute;
/** Orders that go to the signer in one call. */
const ordersPerSigning = 256;

/**
 * Hands open tasks to connected agents. Rings that come close together become one round: one look into the store,
 * one call of the signer, then the frames. Backfill after a reconnect is a ring like any other, so there is one way
 * only, and what a session was handed already is not sent to it again.
 */
export class OrderDispatcher implements Doorbell {
  readonly reach = 'process';
  readonly #ports: GatewayPorts;
  readonly #settings: Pick<GatewaySettings, 'coalesce' | 'endpointsPerRound'>;
  readonly #hub: Hub;
  readonly #plan: OrderPlan;
  #rung = new Set<EndpointId>();
  #withdraw: (() => void) | undefined;
  #running: Promise<void> | undefined;
  #failures = 0;
  #stopped = false;

  constructor(ports: GatewayPorts, settings: Pick<GatewaySettings, 'coalesce' | 'endpointsPerRound'>, hub: Hub) {
    this.#ports = ports;
    this.#settings = settings;
    this.#hub = hub;
    this.#plan = new OrderPlan(ports, hub);
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

  /** A session has ended: what it was handed may be lost. */
  forget(session: AgentSession): void {
    this.#plan.forget(session);
  }

  /** Ends after the round that is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#withdraw?.();
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
    // The signer is asked first: while it is away, tasks must stay `pending`.
    await this.#ports.signer.sign([]);
    await endRevoked(this.#ports, this.#hub, round);
    const tasks = await takeDeliverable(this.#ports, { endpointIds: round });
    const { deliveries, unfinished } = this.#plan.draw(round, tasks);
    await this.#signAndSend(deliveries);
    for (const id of unfinished) {
      this.#rung.add(id);
    }
  }

  /** In chunks, each signed while the one before is sent: the first frames leave early. */
  async #signAndSend(deliveries: readonly Delivery[]): Promise<void> {
    const sign = (start: number) => {
      const chunk = deliveries.slice(start, start + ordersPerSigning);
      const orders = chunk.flatMap(({ order }) => (order === undefined ? [] : [order]));
      return this.#ports.signer.sign(orders).then((signatures) => ({ chunk, signatures }));
    };
    let signing = sign(0);
    for (let next = ordersPerSigning; next < deliveries.length + ordersPerSigning; next += ordersPerSigning) {
      const { chunk, signatures } = await signing;
      signing = next < deliveries.length ? sign(next) : signing;
      this.#send(chunk, signatures);
    }
  }

  #send(deliveries: readonly Delivery[], signatures: readonly Uint8Array[]): void {
    let signed = 0;
    for (const delivery of deliveries) {
      const signature = delivery.order === undefined ? undefined : signatures[signed++];
      this.#plan.hand(delivery, signature);
    }
  }

  #retry(round: readonly EndpointId[], thrown: unknown): void {
    const delay = Math.min(longestRetry, firstRetry * 2 ** this.#failures);
    this.#failures += 1;
    const facts = { endpoints: round.length, retryAfter: delay, cause: asFault(thrown) };
    this.#ports.log.error('Orders could not be handed out; they wait.', facts);
    for (const id of round) {
      this.#rung.add(id);
    }
    this.#wakeAfter(delay);
  }
}
