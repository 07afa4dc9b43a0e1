import type { CustodyEvent } from '#core/custody/event.ts';
import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import { asFault } from '#core/fault.ts';
import { second } from '#core/time.ts';
import { endRevoked } from './end-revoked.ts';
import type { GatewayPorts } from './gateway-ports.ts';
import type { GatewaySettings } from './gateway-settings.ts';
import type { Hub } from './hub.ts';
import type { Clone, Coming, OtherServers } from './other-servers.ts';
import type { Revocations } from './revocations.ts';

const watched = ['endpoint_revoked', 'endpoint_copies_settled'] as const;
/** These concern other servers only. */
const watchedOfOthers = ['endpoint_connected', 'endpoint_cloned'] as const;

type Watched = (typeof watched)[number] | (typeof watchedOfOthers)[number];
const eventsAtOnce = 1_000;

export interface Watching {
  readonly hub: Hub;
  readonly revocations: Revocations;
  /** Undefined where this server alone has the store. */
  readonly others: OtherServers | undefined;
}

/**
 * Looks among the events for what was decided about endpoints, by this server or another one on the same store, and parts from
 * those that it concerns: a ring of the doorbell may be lost, waits for the signer, and reaches one process only. So a revocation
 * is in effect within seconds whatever else stands still (promise P38).
 */
export class FleetWatch {
  readonly #ports: GatewayPorts;
  readonly #settings: Pick<GatewaySettings, 'watchInterval'>;
  readonly #hub: Hub;
  readonly #revocations: Revocations;
  readonly #others: OtherServers | undefined;
  /** The last event that was looked at; undefined before the first look. */
  #after: number | undefined;
  #withdraw: (() => void) | undefined;
  #looking: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(
    ports: GatewayPorts,
    settings: Pick<GatewaySettings, 'watchInterval'>,
    { hub, revocations, others }: Watching,
  ) {
    this.#ports = ports;
    this.#settings = settings;
    this.#hub = hub;
    this.#revocations = revocations;
    this.#others = others;
  }

  /** Looks at once, so that whatever is decided about agents that connect from now on comes after the first look. */
  start(): void {
    this.#looking = this.look().finally(() => {
      if (!this.#isStopped) {
        this.#withdraw = this.#ports.clock.schedule(this.#settings.watchInterval, () => this.start());
      }
    });
  }

  /** Resolves once the look that is under way has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#withdraw?.();
    await this.#looking;
    await this.#others?.settled();
  }

  /** Never rejects: the next look begins where this one did. */
  async look(): Promise<void> {
    try {
      if (this.#after === undefined) {
        this.#after = await this.#lookBack();
        return;
      }
      while (await this.#lookOn(this.#after)) {
        // There may be more.
      }
    } catch (thrown) {
      this.#ports.log.warn('Whether endpoints were revoked could not be asked.', { cause: asFault(thrown) });
    }
  }

  /** Some agents may have come here, and then elsewhere, before the first look. Returns where the next one begins. */
  async #lookBack(): Promise<number> {
    const { last, before } = await this.#ports.store.read(async ({ events }) => {
      const last = await events.lastSequence();
      const types: readonly Watched[] = this.#others === undefined ? [] : watchedOfOthers;
      return {
        last,
        before: types.length === 0 ? [] : await events.list({ types }, Math.max(last - eventsAtOnce, 0), eventsAtOnce),
      };
    });
    const here = [...this.#hub.entries()].map(([id]) => id);
    this.#revocations.tell(await endRevoked(this.#ports, this.#hub, here));
    this.#others?.judge({ connected: comingsOf(before), cloned: clonesOf(before) });
    return last;
  }

  async #lookOn(after: number): Promise<boolean> {
    const types: readonly Watched[] = this.#others === undefined ? watched : [...watched, ...watchedOfOthers];
    const events = await this.#ports.store.read((reader) => reader.events.list({ types }, after, eventsAtOnce));
    const revoked = idsOf(events, 'endpoint_revoked');
    await endRevoked(this.#ports, this.#hub, revoked);
    this.#revocations.tell(revoked);
    this.#partForNow(idsOf(events, 'endpoint_copies_settled'));
    this.#others?.judge({ connected: comingsOf(events), cloned: clonesOf(events) });
    this.#after = events.at(-1)?.sequence ?? after;
    return events.length === eventsAtOnce;
  }

  /** Whichever machine is the endpoint now is let in again at once; any other is not. */
  #partForNow(ids: readonly EndpointId[]): void {
    for (const id of ids) {
      const why = 'It was said anew which machine this endpoint is.';
      this.#hub.get(id)?.refuse({ why, retryAfter: second, final: false });
    }
  }
}

function idsOf(events: readonly CustodyEvent[], type: Watched): readonly EndpointId[] {
  return events.flatMap((event) => (event.type === type && event.endpointId !== undefined ? [event.endpointId] : []));
}

/** Who connected, and which number each was given; those that keep none are left out. */
function comingsOf(events: readonly CustodyEvent[]): readonly Coming[] {
  return events.flatMap(({ type, endpointId, facts: { generation } }) =>
    type === 'endpoint_connected' && endpointId !== undefined && typeof generation === 'number'
      ? [{ endpointId, generation }]
      : [],
  );
}

/** Of whom two were connected at once, and as what the copy is known. */
function clonesOf(events: readonly CustodyEvent[]): readonly Clone[] {
  return events.flatMap(({ type, endpointId, facts: { sign, copy } }) =>
    type === 'endpoint_cloned' && endpointId !== undefined && sign === 'both_at_once' && typeof copy === 'string'
      ? [{ endpointId, copy }]
      : [],
  );
}
