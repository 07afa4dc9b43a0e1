import type { Endpoint } from '#core/endpoint/endpoint.ts';
import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import { asFault } from '#core/fault.ts';
import type { Doorbell } from '#core/ports/doorbell.ts';
import { recordKeyRefused } from '#core/verbs/record-key-refused.ts';
import { firstWithKeyChanges } from '#wire/limits.ts';
import type { AgentSession } from './agent-session.ts';
import type { GatewayPorts } from './gateway-ports.ts';
import type { Hub } from './hub.ts';

interface Arrival {
  readonly endpoint: Pick<Endpoint, 'id' | 'enrolledAt'>;
  /** That its agent says it trusts, base64; undefined where it does not say. */
  readonly orderKey: string | undefined;
}

/**
 * Leads agents from the order key that they trust to the present one, before they are sent anything that it has signed. Whoever
 * cannot be led is sent no orders: it would take each for a forgery and end it, and so they wait instead.
 */
export class KeyGuide {
  readonly #ports: GatewayPorts;
  readonly #hub: Hub;
  readonly #orders: Doorbell;

  /** @param orders rung for agents that can be sent orders at last. */
  constructor(ports: GatewayPorts, hub: Hub, orders: Doorbell) {
    this.#ports = ports;
    this.#hub = hub;
    this.#orders = orders;
    ports.signer.onChange(() => this.#changed());
  }

  /** An agent was welcomed. */
  lead(session: AgentSession, { endpoint, orderKey }: Arrival): void {
    const { publicKey, changedAt } = this.#ports.signer;
    const present = Buffer.from(publicKey).toString('base64');
    // An older agent does not say which key it has: it is that of its enrolment.
    const isPresent = changedAt === undefined || endpoint.enrolledAt > changedAt;
    session.orderKey = orderKey ?? (isPresent ? present : null);
    this.#follow(session, endpoint.id);
  }

  /** Never rejects. The agent stays with the key that it had. */
  async refused(session: AgentSession, endpointId: EndpointId, why: string): Promise<void> {
    session.orderKey = null;
    session.takesOrders = false;
    try {
      await recordKeyRefused(this.#ports, { endpointId, why });
    } catch (thrown) {
      const facts = { endpointId, why, cause: asFault(thrown) };
      this.#ports.log.error('An agent does not follow the order key, and that could not be recorded.', facts);
    }
  }

  #changed(): void {
    const late: EndpointId[] = [];
    for (const [id, session] of this.#hub.entries()) {
      const { takesOrders } = session;
      this.#follow(session, id);
      if (session.takesOrders && !takesOrders) {
        late.push(id);
      }
    }
    this.#orders.ring(late);
  }

  /**
   * Judged anew at each change: where several servers use one signer, an agent may have been led on by another one already, to a key
   * that this one is about to learn of.
   */
  #follow(session: AgentSession, endpointId: EndpointId): void {
    const { signer, log } = this.#ports;
    const present = Buffer.from(signer.publicKey).toString('base64');
    session.takesOrders = session.orderKey === present || this.#leads(session, present);
    if (!session.takesOrders) {
      // To enrol an older agent again does not help: nobody could tell which key it then has.
      const advice =
        session.version < firstWithKeyChanges ? 'Update its agent.' : 'Where no other server leads it, enrol it again.';
      log.error(`An agent trusts another order key, and cannot be led to this one: orders for it wait. ${advice}`, {
        endpointId,
      });
    }
  }

  /** @returns false where no changes lead there, or none that its agent would understand. */
  #leads(session: AgentSession, present: string): boolean {
    const { orderKey, version } = session;
    if (orderKey === null || version < firstWithKeyChanges) {
      return false;
    }
    const changes = this.#ports.signer.changesFrom(orderKey);
    for (const change of changes ?? []) {
      session.send({ type: 'order_key', ...change });
    }
    session.orderKey = changes === undefined ? orderKey : present;
    return changes !== undefined;
  }
}
