import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import { asFault, type Fault } from '#core/fault.ts';
import type { StopHearing } from '#core/ports/dispatch.ts';
import type { Doorbell } from '#core/ports/doorbell.ts';
import { type Milliseconds, minute } from '#core/time.ts';
import { type RefusedOrder, recordOrderRefused } from '#core/verbs/record-order-refused.ts';
import { recordShutOut } from '#core/verbs/record-shut-out.ts';
import { heartbeat, wireVersions } from '#wire/limits.ts';
import {
  AgentSession,
  type Hello,
  type Refusal,
  type SessionEndpoint,
  type SessionKeeper,
  type Statement,
} from './agent-session.ts';
import { ArrivalLimits } from './arrival-limits.ts';
import { endRevoked } from './end-revoked.ts';
import { FleetWatch } from './fleet-watch.ts';
import type { FrameSink } from './frame-sink.ts';
import type { AgentGatewayPorts } from './gateway-ports.ts';
import { type Announcement, defaultGatewaySettings, type GatewaySettings } from './gateway-settings.ts';
import { GenerationKeeper } from './generation-keeper.ts';
import { Greeter, type Welcomed, type Welcoming } from './greeter.ts';
import { Hub } from './hub.ts';
import { InventoryIntake } from './inventory-intake.ts';
import { KeyGuide } from './key-guide.ts';
import { OrderDispatcher } from './order-dispatcher.ts';
import { OtherServers } from './other-servers.ts';
import { PresenceKeeper } from './presence-keeper.ts';
import { Revocations } from './revocations.ts';
import { StopWatch } from './stop-watch.ts';
import { Sweep } from './sweep.ts';
import { Tally } from './tally.ts';
import { TaskIntake } from './task-intake.ts';
import { toldTime } from './told-time.ts';
import { tryLater } from './try-later.ts';
import { VaultIntake } from './vault-intake.ts';
import { WitnessDesk } from './witness-desk.ts';

const nonceBytes = 32;
/** How long a connection that was replaced is asked to stay away: two copies of one machine must not chase each other. */
const replacedPause = minute;

export interface GatewayCounts {
  /** Agents that have proved themselves. */
  readonly connected: number;
  /** Connections that have not. */
  readonly strangers: number;
  /** Connections closed for breaking the protocol, since the start. */
  readonly violations: number;
}

/** Agents as the server sees them. One for all connections; the transport calls `open` for each. */
export class AgentGateway implements SessionKeeper {
  /** Who was revoked, for whatever else of this server works for an endpoint. */
  readonly revocations = new Revocations();
  readonly #ports: AgentGatewayPorts;
  readonly #settings: GatewaySettings;
  readonly #hub = new Hub();
  readonly #strangers = new Set<AgentSession>();
  readonly #orders: OrderDispatcher;
  readonly #greeter: Greeter;
  readonly #presence: PresenceKeeper;
  readonly #tasks: TaskIntake;
  readonly #inventories: InventoryIntake;
  readonly #vaults: VaultIntake;
  readonly #witnesses: WitnessDesk;
  readonly #sweep: Sweep;
  readonly #keys: KeyGuide;
  #announcement: Announcement | null;
  readonly #arrivals: ArrivalLimits;
  readonly #generations: GenerationKeeper;
  readonly #watch: FleetWatch;
  readonly #stop: StopWatch;
  readonly #strangersFrom = new Tally();
  #violations = 0;
  #isStopped = false;

  constructor(ports: AgentGatewayPorts, settings: Partial<GatewaySettings> = {}) {
    this.#ports = ports;
    this.#settings = { ...defaultGatewaySettings, ...settings };
    const changed = () => this.#orders.ring([...this.#hub.entries()].map(([id]) => id));
    this.#stop = new StopWatch(ports, this.#settings, { hub: this.#hub, changed });
    this.#orders = new OrderDispatcher(ports, this.#settings, { hub: this.#hub, stop: this.#stop });
    this.#arrivals = new ArrivalLimits(ports.clock, this.#settings.arrivals);
    const welcoming: Welcoming = {
      current: (id) => this.#hub.get(id),
      welcomed: (session, welcomed) => this.#welcomed(session, welcomed),
      missed: (id) => void this.#presence.end(id),
    };
    this.#greeter = new Greeter(ports, this.#settings, { welcoming, arrivals: this.#arrivals });
    this.#generations = new GenerationKeeper(ports, this.#settings);
    const { revocations } = this;
    const others = this.#settings.sharesStore ? new OtherServers(ports, this.#settings, this.#hub) : undefined;
    this.#watch = new FleetWatch(ports, this.#settings, { hub: this.#hub, revocations, others });
    this.#presence = new PresenceKeeper(ports, (id) => this.#hub.has(id) || this.#greeter.isGreeting(id));
    this.#tasks = new TaskIntake(ports, this.#settings);
    this.#inventories = new InventoryIntake({ ...ports, doorbell: this.#orders }, this.#settings);
    this.#vaults = new VaultIntake(ports, this.#settings);
    this.#witnesses = new WitnessDesk(ports, this.#settings.ledger);
    // Before agents are led to another key: what was stated under the former one would be a forgery to them.
    ports.signer.onChange(() => this.#forgetStatements());
    this.#keys = new KeyGuide(ports, this.#hub, this.#orders);
    this.#announcement = this.#settings.announcement;
    this.#sweep = new Sweep(ports.clock, this.#settings, {
      strangers: this.#strangers,
      hub: this.#hub,
      renew: (ids) => this.#renew(ids),
      late: (session) => this.#refuseLate(session),
    });
    this.#sweep.start();
    this.#watch.start();
    this.#stop.start();
  }

  /** Rung after every commit that gives agents something to do. */
  get doorbell(): Doorbell {
    return this.#orders;
  }

  /** What connected agents know of the emergency stop. */
  get stopHearing(): StopHearing {
    return this.#stop.hearing;
  }

  get counts(): GatewayCounts {
    return { connected: this.#hub.size, strangers: this.#strangers.size, violations: this.#violations };
  }

  /** What agents are told in the name of the order key, anew after each change of it; null: nothing for now. */
  state(statements: Pick<GatewaySettings, 'announcement' | 'ledger'>): void {
    this.#announcement = statements.announcement;
    this.#witnesses.state(statements.ledger);
    for (const [, session] of this.#hub.entries()) {
      this.#announce(session);
    }
  }

  /** A connection was made. The transport passes its frames to the session, and says when it is gone. */
  open(sink: FrameSink, remoteAddress = ''): AgentSession {
    const nonce = this.#ports.random.bytes(nonceBytes);
    const { rates, strangersOfAddress } = this.#settings;
    const session = new AgentSession(this, sink, { nonce, remoteAddress, rates });
    this.#strangers.add(session);
    if (this.#strangersFrom.add(remoteAddress) > strangersOfAddress) {
      session.refuse(this.#tryLater('Many connections of one address wait to say who they are.'));
      return session;
    }
    if (this.#isStopped) {
      session.refuse(this.#tryLater('The server is stopping.'));
      return session;
    }
    session.send({ type: 'challenge', nonce, versions: [...wireVersions], time: this.#ports.clock.now() });
    return session;
  }

  /** Parts from every agent, and resolves once all that they said is recorded. */
  async close(): Promise<void> {
    this.#isStopped = true;
    this.#sweep.stop();
    await this.#watch.stop();
    await this.#stop.stop();
    await this.#orders.stop();
    for (const session of [...this.#strangers, ...[...this.#hub.entries()].map(([, open]) => open)]) {
      session.refuse(this.#tryLater('The server is stopping.'));
    }
    await Promise.all([this.#tasks.settled(), this.#presence.settled(), this.#generations.settled()]);
  }

  monotonic(): Milliseconds {
    return this.#ports.clock.monotonic();
  }

  greet(session: AgentSession, nonce: Uint8Array, hello: Hello): void {
    void this.#greeter.greet(session, nonce, hello);
  }

  heard(session: AgentSession, endpoint: SessionEndpoint, statement: Statement): void {
    switch (statement.type) {
      case 'heartbeat':
        session.send({ type: 'heartbeat', ...toldTime(this.#ports) });
        return;
      case 'generation_kept':
        void this.#generations.keep({ endpointId: endpoint.id, generation: statement.generation });
        return;
      case 'halt_kept':
        session.keptStop = statement.revision;
        return;
      case 'accepted':
        void this.#tasks.accept(session, { endpointId: endpoint.id, taskIds: statement.taskIds });
        return;
      case 'report':
        this.#tasks.report(session, endpoint, statement);
        return;
      case 'order_refused':
        void this.#recordRefusal(session, { endpointId: endpoint.id, taskId: statement.taskId, why: statement.why });
        return;
      case 'inventory':
        this.#inventories.take(session, endpoint, statement);
        return;
      case 'vault':
        this.#vaults.take(session, endpoint, statement);
        return;
      case 'witness':
        void this.#witnesses.answer(session, statement);
        return;
      case 'ledger_disputed':
        void this.#witnesses.dispute(session, endpoint, statement);
        return;
      case 'order_key_refused':
        void this.#keys.refused(session, endpoint.id, statement.why);
        return;
    }
  }

  violated(session: AgentSession, fault: Fault): void {
    this.#violations += 1;
    const facts = { endpointId: session.endpoint?.id, why: fault.message, cause: fault.cause };
    this.#ports.log.warn('An agent broke the protocol.', facts);
    if (session.endpoint !== undefined) {
      this.#arrivals.violated(session.endpoint.id);
    }
    session.refuse(this.#tryLater(fault.message.slice(0, 500)));
  }

  flooded(session: AgentSession): void {
    this.#violations += 1;
    const why = 'More was said over this connection than any agent has to say.';
    const endpointId = session.endpoint?.id;
    if (endpointId === undefined) {
      session.refuse(this.#tryLater(why));
      return;
    }
    this.#ports.log.warn('An agent said too much, and is shut out for a while.', { endpointId });
    session.refuse({ why, retryAfter: this.#arrivals.shutOut(endpointId), final: false });
    void this.#recordShutOut(endpointId);
  }

  drained(session: AgentSession): void {
    if (session.endpoint !== undefined) {
      this.#orders.ring([session.endpoint.id]);
    }
  }

  ended(session: AgentSession): void {
    this.#noStranger(session);
    this.#orders.forget(session);
    this.#inventories.forget(session);
    this.#vaults.forget(session);
    this.#tasks.forget(session);
    const id = session.endpoint?.id;
    if (id !== undefined && this.#hub.leave(id, session)) {
      void this.#presence.end(id);
    }
  }

  #noStranger(session: AgentSession): void {
    if (this.#strangers.delete(session)) {
      this.#strangersFrom.remove(session.remoteAddress);
    }
  }

  #welcomed(session: AgentSession, { endpoint, generation, orderKey }: Welcomed): void {
    this.#noStranger(session);
    const replaced = this.#hub.enter(endpoint.id, session);
    if (replaced !== undefined) {
      const why = 'Another connection of this endpoint took the place of this one.';
      replaced.refuse({ why, retryAfter: replacedPause, final: false });
    }
    session.send({
      ...{ type: 'welcome', version: wireVersions[0], ...toldTime(this.#ports), heartbeatInterval: heartbeat.interval },
      ...(generation !== null && { generation }),
    });
    this.#stop.greet(session);
    this.#keys.lead(session, { endpoint, orderKey });
    this.#announce(session);
    this.#orders.ring([endpoint.id]);
  }

  #forgetStatements(): void {
    this.#announcement = null;
    this.#witnesses.state(null);
  }

  /** Whoever does not follow the order key would take it for a forgery. */
  #announce(session: AgentSession): void {
    if (this.#announcement !== null && session.takesOrders) {
      session.send({ type: 'trust', ...this.#announcement });
    }
  }

  /** A ring may be lost: whoever was revoked meanwhile is found here, too. Never rejects. */
  async #renew(ids: readonly EndpointId[]): Promise<void> {
    await this.#presence.renew(ids);
    try {
      this.revocations.tell(await endRevoked(this.#ports, this.#hub, ids));
    } catch (thrown) {
      this.#ports.log.warn('Whether endpoints were revoked could not be asked.', { cause: asFault(thrown) });
    }
  }

  #refuseLate(session: AgentSession): void {
    session.refuse(this.#tryLater('No hello came in time.'));
  }

  /** Never rejects. */
  async #recordShutOut(endpointId: EndpointId): Promise<void> {
    try {
      await recordShutOut(this.#ports, endpointId);
    } catch (thrown) {
      const facts = { endpointId, cause: asFault(thrown) };
      this.#ports.log.error('That an agent was shut out could not be recorded.', facts);
    }
  }

  /** Never rejects. */
  async #recordRefusal(session: AgentSession, refused: RefusedOrder): Promise<void> {
    try {
      await recordOrderRefused(this.#ports, refused);
    } catch (thrown) {
      const { endpointId, taskId } = refused;
      this.#ports.log.error('A refused order could not be recorded.', { endpointId, taskId, cause: asFault(thrown) });
      session.refuse(this.#tryLater('The refusal cannot be recorded just now.'));
    }
  }

  #tryLater(why: string): Refusal {
    return tryLater(why, this.#settings.stormSpread, this.#ports.random);
  }
}
