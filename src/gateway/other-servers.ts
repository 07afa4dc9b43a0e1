import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import { asFault } from '#core/fault.ts';
import { claimEndpointBack } from '#core/verbs/claim-endpoint-back.ts';
import { refusalOf } from './copy-words.ts';
import type { GatewayPorts } from './gateway-ports.ts';
import type { GatewaySettings } from './gateway-settings.ts';
import type { Hub } from './hub.ts';

/** That an endpoint connected to some server, and the number that it was given then. */
export interface Coming {
  readonly endpointId: EndpointId;
  readonly generation: number;
}

/** That an endpoint was connected twice, and the id of the copy among those of the endpoint. */
export interface Clone {
  readonly endpointId: EndpointId;
  readonly copy: string;
}

/** What this server does about its connections when an endpoint has connected to another server of the same store. */
export class OtherServers {
  readonly #ports: GatewayPorts;
  readonly #settings: Pick<GatewaySettings, 'answerPatience'>;
  readonly #hub: Hub;
  readonly #underWay = new Set<Promise<void>>();

  constructor(ports: GatewayPorts, settings: Pick<GatewaySettings, 'answerPatience'>, hub: Hub) {
    this.#ports = ports;
    this.#settings = settings;
    this.#hub = hub;
  }

  /**
   * These have connected, or copies of them were told of, here or elsewhere. Returns at once and never throws: whoever is asked whether it
   * is still there has its time for that, and a revocation must not wait for it.
   */
  judge({ connected, cloned }: { readonly connected: readonly Coming[]; readonly cloned: readonly Clone[] }): void {
    const lastOf = new Map(connected.map(({ endpointId, generation }) => [endpointId, generation]));
    const elsewhere = [...lastOf].filter(([id, generation]) => this.#isOlder(id, generation));
    const copyOf = new Map(cloned.map(({ endpointId, copy }) => [endpointId, copy]));
    const here = [...copyOf].filter(([id]) => this.#hub.has(id));
    const work = [...elsewhere.map(([id]) => this.#answered(id)), ...here.map((clone) => this.#parted(...clone))];
    for (const each of work) {
      this.#underWay.add(each);
      void each.finally(() => this.#underWay.delete(each));
    }
  }

  /** Of a connection itself it is told, too, and by then it may have been given back to whoever was first. */
  #isOlder(id: EndpointId, given: number): boolean {
    const generation = this.#hub.get(id)?.generation ?? null;
    return generation !== null && generation < given;
  }

  async settled(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  async #answered(id: EndpointId): Promise<void> {
    await this.#logged(id, () => this.#judge(id));
  }

  async #parted(id: EndpointId, copy: string): Promise<void> {
    await this.#logged(id, () => this.#part(id, copy));
  }

  /** Never rejects. */
  async #logged(endpointId: EndpointId, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (thrown) {
      const facts = { endpointId, cause: asFault(thrown) };
      this.#ports.log.warn('Where an endpoint is connected could not be asked.', facts);
    }
  }

  /**
   * A connection here that was given an older number than the last is the copy's: whoever of the two was first has been given another
   * one. Whether the store remembers the copy tells nothing, for it remembers a few of each endpoint.
   */
  async #part(endpointId: EndpointId, copy: string): Promise<void> {
    const session = this.#hub.get(endpointId);
    const known = await this.#ports.store.read(({ machines }) => machines.byEndpoint(endpointId));
    const generation = session?.generation ?? null;
    const isOlder = generation !== null && generation < (known?.generation ?? 0);
    if (session !== undefined && session.renewals === 0 && isOlder) {
      session.refuse(refusalOf({ endpointId, sign: 'both_at_once', copy }));
    }
  }

  /** Of one that is here and answers, whoever came elsewhere is a copy. */
  async #judge(endpointId: EndpointId): Promise<void> {
    const session = this.#hub.get(endpointId);
    const known = await this.#ports.store.read(({ machines }) => machines.byEndpoint(endpointId));
    const generation = session?.generation ?? null;
    if (session === undefined || generation === null || (known?.generation ?? 0) <= generation) {
      return;
    }
    if (!(await session.answers(this.#ports, this.#settings.answerPatience))) {
      session.end('the endpoint has connected to another server');
      return;
    }
    session.renewals += 1;
    try {
      const renewed = await claimEndpointBack(this.#ports, { endpointId, generation });
      if (renewed !== undefined) {
        this.#ports.log.warn('A copy of an endpoint is connected to another server.', { endpointId });
        session.renew(renewed);
      }
    } finally {
      session.renewals -= 1;
    }
  }
}
