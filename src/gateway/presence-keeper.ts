import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import { renewPresence } from '#core/verbs/renew-presence.ts';
import { heartbeat } from '#wire/limits.ts';
import { Coalescer } from './coalescer.ts';
import type { GatewayPorts } from './gateway-ports.ts';

const endDelay = 50;
const endsPerRun = 5_000;
const mostEnds = 1_000_000;

/** Keeps the store's word on who is connected, many endpoints at a time. */
export class PresenceKeeper {
  readonly #ports: Pick<GatewayPorts, 'store' | 'clock' | 'log'>;
  readonly #isBack: (id: EndpointId) => boolean;
  readonly #ends: Coalescer<EndpointId, true>;

  /** @param isBack whether an endpoint has a connection again, or is just being greeted. */
  constructor(ports: Pick<GatewayPorts, 'store' | 'clock' | 'log'>, isBack: (id: EndpointId) => boolean) {
    this.#ports = ports;
    this.#isBack = isBack;
    this.#ends = new Coalescer({
      clock: ports.clock,
      delay: endDelay,
      weigh: () => 1,
      mostPerRun: endsPerRun,
      mostWaiting: mostEnds,
      run: (ids) => this.#endAll(ids),
    });
  }

  /** Never rejects: a lease that could not be renewed runs out, which is no more than the truth. */
  async renew(ids: readonly EndpointId[]): Promise<void> {
    try {
      const connectedUntil = this.#ports.clock.now() + heartbeat.patience;
      await renewPresence(this.#ports, { endpointIds: ids, connectedUntil });
    } catch (cause) {
      this.#ports.log.warn('The presence of agents could not be recorded.', { endpoints: ids.length, cause });
    }
  }

  /** Never rejects, for the same reason. */
  async end(id: EndpointId): Promise<void> {
    try {
      await this.#ends.submit(id);
    } catch (cause) {
      this.#ports.log.warn('The end of a connection could not be recorded.', { endpointId: id, cause });
    }
  }

  settled(): Promise<void> {
    return this.#ends.settled();
  }

  async #endAll(ids: readonly EndpointId[]): Promise<readonly true[]> {
    const gone = [...new Set(ids)].filter((id) => !this.#isBack(id));
    await renewPresence(this.#ports, { endpointIds: gone, connectedUntil: null });
    return ids.map(() => true);
  }
}
