import type { Endpoint } from '#core/endpoint/endpoint.ts';
import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import { asFault } from '#core/fault.ts';
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

  constructor(ports: GatewayPorts, hub: Hub) {
    this.#ports = ports;
    this.#hub = hub;
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
    try {
      await recordKeyRefused(this.#ports, { endpointId, why });
    } catch (thrown) {
      const facts = { endpointId, why, cause: asFault(thrown) };
      this.#ports.log.error('An agent does not follow the order key, and that could not be recorded.', facts);
    }
  }

  #changed(): void {
    for (const [id, session] of this.#hub.entries()) {
      this.#follow(session, id);
    }
  }

  #follow(session: AgentSession, endpointId: EndpointId): void {
    const { signer, log } = this.#ports;
    const present = Buffer.from(signer.publicKey).toString('base64');
    if (session.orderKey === present) {
      return;
    }
    const changes = session.orderKey === null ? undefined : signer.changesFrom(session.orderKey);
    if (changes === undefined || session.version < firstWithKeyChanges) {
      session.orderKey = null;
      const advice = 'Update its agent, or enrol it again.';
      log.error(`An agent trusts another order key, and cannot be led to this one: orders for it wait. ${advice}`, {
        endpointId,
      });
      return;
    }
    for (const change of changes) {
      session.send({ type: 'order_key', ...change });
    }
    session.orderKey = present;
  }
}
