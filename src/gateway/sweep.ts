import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import type { Clock } from '#core/ports/clock.ts';
import { type Milliseconds, second } from '#core/time.ts';
import { heartbeat } from '#wire/limits.ts';
import type { AgentSession } from './agent-session.ts';
import type { GatewaySettings } from './gateway-settings.ts';
import type { Hub } from './hub.ts';

const interval = second;

export interface Swept {
  /** Sessions without a `welcome`, oldest first. */
  readonly strangers: ReadonlySet<AgentSession>;
  readonly hub: Hub;
  renew(ids: readonly EndpointId[]): Promise<void>;
  /** A stranger that has not said hello in time. */
  late(session: AgentSession): void;
}

/** The one timer of all sessions: late hellos, silent agents, leases to renew. */
export class Sweep {
  readonly #clock: Pick<Clock, 'monotonic' | 'schedule'>;
  readonly #settings: Pick<GatewaySettings, 'helloPatience' | 'presenceInterval'>;
  readonly #swept: Swept;
  #renewedAt: Milliseconds;
  #withdraw: (() => void) | undefined;

  constructor(
    clock: Pick<Clock, 'monotonic' | 'schedule'>,
    settings: Pick<GatewaySettings, 'helloPatience' | 'presenceInterval'>,
    swept: Swept,
  ) {
    this.#clock = clock;
    this.#settings = settings;
    this.#swept = swept;
    this.#renewedAt = clock.monotonic();
  }

  start(): void {
    this.#withdraw = this.#clock.schedule(interval, () => {
      this.#sweep(this.#clock.monotonic());
      this.start();
    });
  }

  stop(): void {
    this.#withdraw?.();
  }

  #sweep(now: Milliseconds): void {
    for (const session of this.#swept.strangers) {
      if (now - session.openedAt < this.#settings.helloPatience) {
        break;
      }
      if (session.phase === 'challenged') {
        this.#swept.late(session);
      }
    }
    if (now - this.#renewedAt >= this.#settings.presenceInterval) {
      this.#sweepAgents(now);
    }
  }

  #sweepAgents(now: Milliseconds): void {
    const heard: EndpointId[] = [];
    const silent: AgentSession[] = [];
    for (const [id, session] of this.#swept.hub.entries()) {
      if (now - session.lastHeard > heartbeat.patience) {
        silent.push(session);
      } else if (session.lastHeard >= this.#renewedAt) {
        heard.push(id);
      }
    }
    this.#renewedAt = now;
    for (const session of silent) {
      session.end('the agent has been silent for too long');
    }
    void this.#swept.renew(heard);
  }
}
