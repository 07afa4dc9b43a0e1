import type { Verb } from '#core/action/verb.ts';
import { asFault } from '#core/fault.ts';
import { haltedVerbs, type StopSwitch } from '#core/guard/emergency-stop.ts';
import type { StopHearing } from '#core/ports/dispatch.ts';
import { readEmergencyStop } from '#core/verbs/read-emergency-stop.ts';
import { firstWithHalt } from '#wire/limits.ts';
import type { AgentSession } from './agent-session.ts';
import type { GatewayPorts } from './gateway-ports.ts';
import type { GatewaySettings } from './gateway-settings.ts';
import type { Hub } from './hub.ts';

export interface StopWatched {
  readonly hub: Hub;
  /** Something else is halted than before, or nothing any more: what waited may leave. */
  changed(): void;
}

/**
 * Knows whether the emergency stop is engaged, and sees to it that every connected agent does (promise P79): it looks every few
 * seconds, whoever engaged it on whichever server, and as soon as it is told to; each round of orders looks, too. What agents
 * are told is not signed: it can only keep them from beginning what was ordered.
 */
export class StopWatch {
  readonly #ports: Pick<GatewayPorts, 'store' | 'clock' | 'log'>;
  readonly #settings: Pick<GatewaySettings, 'watchInterval'>;
  readonly #watched: StopWatched;
  /** Undefined before the first look: then no round of orders has been, either. */
  #known: StopSwitch | undefined;
  #withdraw: (() => void) | undefined;
  #looking: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(
    ports: Pick<GatewayPorts, 'store' | 'clock' | 'log'>,
    settings: Pick<GatewaySettings, 'watchInterval'>,
    watched: StopWatched,
  ) {
    this.#ports = ports;
    this.#settings = settings;
    this.#watched = watched;
  }

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
  }

  /** Never rejects: what is known stays, and the next look may succeed. */
  async look(): Promise<void> {
    try {
      this.learn(await readEmergencyStop(this.#ports));
    } catch (thrown) {
      this.#ports.log.warn('Whether the emergency stop is engaged could not be asked.', { cause: asFault(thrown) });
    }
  }

  /** Somebody has read it; who has read it earlier and says so later is not listened to. */
  learn(read: StopSwitch): void {
    const known = this.#known;
    if (known !== undefined && read.revision <= known.revision) {
      return;
    }
    this.#known = read;
    this.#tellLog(known, read);
    for (const [, session] of this.#watched.hub.entries()) {
      this.#tell(session, read);
    }
    if (known !== undefined) {
      this.#watched.changed();
    }
  }

  isHalted(verb: Verb): boolean {
    return this.#known !== undefined && haltedVerbs(this.#known).includes(verb);
  }

  /** An agent was welcomed: it may have kept what another server, or an earlier life of this one, told it. */
  greet(session: AgentSession): void {
    if (this.#known !== undefined) {
      this.#tell(session, this.#known);
    }
  }

  /** Of the agents that are connected to this server now. */
  get hearing(): StopHearing {
    const sessions = [...this.#watched.hub.entries()].map(([, session]) => session);
    return {
      connected: sessions.length,
      confirmed: sessions.filter(({ keptStop }) => keptStop !== null && keptStop === this.#known?.revision).length,
      tooOld: sessions.filter(({ version }) => version < firstWithHalt).length,
    };
  }

  #tell(session: AgentSession, stop: StopSwitch): void {
    if (session.version >= firstWithHalt) {
      session.send({ type: 'halt', revision: stop.revision, verbs: [...haltedVerbs(stop)] });
    }
  }

  #tellLog(before: StopSwitch | undefined, { stop }: StopSwitch): void {
    const { log } = this.#ports;
    if (stop !== null) {
      const { by, reason, engagedAt } = stop;
      const words = 'The emergency stop is engaged: no fetch, quarantine or purge leaves, and agents begin none.';
      log.warn(words, { by: by.name, reason, engagedAt });
    } else if (before !== undefined && before.stop !== null) {
      log.warn('The emergency stop was released: what waited leaves now.', { engagedAt: before.stop.engagedAt });
    }
  }
}
