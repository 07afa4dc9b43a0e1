import type { Endpoint } from '#core/endpoint/endpoint.ts';
import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import { type CopySign, copyIdOf, type MachineClaim, noClaim } from '#core/endpoint/machine.ts';
import { asFault } from '#core/fault.ts';
import { minute } from '#core/time.ts';
import { type Admission, admitAgent } from '#core/verbs/admit-agent.ts';
import { firstWithKeyChanges, heartbeat, wireVersions } from '#wire/limits.ts';
import { isSignatureValid, readPublicKey } from '#wire/signature.ts';
import type { AgentSession, Hello } from './agent-session.ts';
import type { ArrivalLimits } from './arrival-limits.ts';
import { Coalescer } from './coalescer.ts';
import { refusalOf } from './copy-words.ts';
import type { GatewayPorts } from './gateway-ports.ts';
import type { GatewaySettings } from './gateway-settings.ts';
import { tryLater } from './try-later.ts';
import { TurnsByEndpoint } from './turns-by-endpoint.ts';

const lookUpsPerRun = 1_000;
/** Connections of one endpoint that may wait for each other. */
const mostTurns = 4;

type Admitted = Exclude<Admission, { readonly copy: CopySign; readonly renewed: number | null }>;

export interface Welcomed extends Admitted {
  /** The order key that the agent says it trusts, base64; undefined where it does not say. */
  readonly orderKey: string | undefined;
}

/** Whom to tell once an agent has proved itself. */
export interface Welcoming {
  /** The connection that the endpoint has, as far as this server knows. */
  current(id: EndpointId): AgentSession | undefined;
  welcomed(session: AgentSession, welcomed: Welcomed): void;
  /** The connection was gone before its welcome, but the store says that the endpoint is connected. */
  missed(id: EndpointId): void;
}

/** Hears hellos: a nonce signed with the device key of an enrolled endpoint opens a session, and nothing else does. */
export class Greeter {
  readonly #ports: GatewayPorts;
  readonly #settings: GatewaySettings;
  readonly #welcoming: Welcoming;
  readonly #lookUps: Coalescer<EndpointId, Endpoint | 'unknown'>;
  readonly #underWay = new Map<AgentSession, EndpointId>();
  readonly #turns = new TurnsByEndpoint(mostTurns);
  readonly #arrivals: ArrivalLimits;

  constructor(
    ports: GatewayPorts,
    settings: GatewaySettings,
    { welcoming, arrivals }: { readonly welcoming: Welcoming; readonly arrivals: ArrivalLimits },
  ) {
    this.#ports = ports;
    this.#arrivals = arrivals;
    this.#settings = settings;
    this.#welcoming = welcoming;
    this.#lookUps = new Coalescer({
      clock: ports.clock,
      delay: settings.coalesce,
      weigh: () => 1,
      mostPerRun: lookUpsPerRun,
      mostWaiting: settings.hellosAtOnce,
      run: (ids) => this.#lookUp(ids),
    });
  }

  isGreeting(id: EndpointId): boolean {
    return this.#underWay.values().some((other) => other === id);
  }

  /** Never rejects. */
  async greet(session: AgentSession, nonce: Uint8Array, hello: Hello): Promise<void> {
    if (this.#underWay.size >= this.#settings.hellosAtOnce) {
      session.refuse(this.#tryLater('Many agents connect just now.'));
      return;
    }
    this.#underWay.set(session, hello.endpointId);
    try {
      await this.#admit(session, nonce, hello);
    } catch (thrown) {
      this.#turnAway(session, hello, thrown);
    } finally {
      this.#underWay.delete(session);
    }
  }

  async #admit(session: AgentSession, nonce: Uint8Array, hello: Hello): Promise<void> {
    if (!wireVersions.some((version) => version === hello.version)) {
      const why = `This server speaks the protocol versions ${wireVersions.join(', ')}, not ${hello.version}.`;
      session.refuse({ why, retryAfter: 5 * minute, final: false });
      return;
    }
    const known = await this.#lookUps.submit(hello.endpointId);
    const flaw = flawOf(known, nonce, hello);
    if (flaw !== undefined) {
      this.#refuseForGood(session, hello, flaw);
      return;
    }
    const away = this.#arrivals.arrived(hello.endpointId);
    if (away > 0) {
      session.refuse({ why: 'This endpoint came too often, or said too much.', retryAfter: away, final: false });
      return;
    }
    const admitted = this.#turns.take(hello.endpointId, () => this.#letIn(session, hello));
    if (admitted === undefined) {
      session.refuse(this.#tryLater('Too many connections of one endpoint.'));
    }
    await admitted;
  }

  /** One at a time for each endpoint: of two that come together, the second is the one that came second. */
  async #letIn(session: AgentSession, hello: Hello): Promise<void> {
    const first = await this.#firstOf(hello.endpointId);
    if (session.phase === 'closed') {
      // Its agent is gone already, and has perhaps come again: it must not be taken for a copy of itself.
      return;
    }
    if (first === undefined) {
      await this.#judge(session, hello, undefined);
      return;
    }
    first.renewals += 1;
    try {
      await this.#judge(session, hello, first);
    } finally {
      first.renewals -= 1;
    }
  }

  async #judge(session: AgentSession, hello: Hello, first: AgentSession | undefined): Promise<void> {
    const { endpointId, facts, vaultRecipient } = hello;
    const { remoteAddress } = session;
    const admission = await admitAgent(this.#ports, {
      ...{ endpointId, facts, vaultRecipient, remoteAddress },
      claim: claimOf(hello),
      isSecond: first !== undefined,
      connectedUntil: this.#ports.clock.now() + heartbeat.patience,
    });
    if (!('copy' in admission)) {
      this.#open(session, admission, hello);
      return;
    }
    this.#refuseCopy(session, hello, admission.copy);
    if (admission.renewed !== null) {
      // Before it goes away: the copy must not get in once nobody is there.
      first?.renew(admission.renewed);
    }
  }

  /** A connection that was cut without a word looks alive for a minute; its agent, which comes again, is no copy of itself. */
  async #firstOf(id: EndpointId): Promise<AgentSession | undefined> {
    const first = this.#welcoming.current(id);
    const isThere = await first?.answers(this.#ports, this.#settings.answerPatience);
    return isThere === true ? first : undefined;
  }

  #refuseCopy(session: AgentSession, hello: Hello, sign: CopySign): void {
    const { endpointId, facts } = hello;
    const { hostName } = facts;
    const copy = copyIdOf(claimOf(hello), hostName);
    const { remoteAddress } = session;
    this.#ports.log.warn('A copy of an endpoint was refused.', { endpointId, copy, sign, hostName, remoteAddress });
    session.refuse(refusalOf({ endpointId, sign, copy }));
  }

  #open(session: AgentSession, { endpoint, generation }: Admitted, { version, orderKey }: Hello): void {
    if (session.phase === 'closed') {
      this.#underWay.delete(session);
      this.#welcoming.missed(endpoint.id);
      return;
    }
    const { id, number } = endpoint;
    session.generation = generation;
    session.welcome({ id, number, devicePublicKey: endpoint.devicePublicKey.slice() }, version);
    const trusted = version >= firstWithKeyChanges ? orderKey : undefined;
    this.#welcoming.welcomed(session, { endpoint, generation, orderKey: trusted });
  }

  #turnAway(session: AgentSession, hello: Hello, thrown: unknown): void {
    const fault = asFault(thrown);
    if (fault.code === 'unauthenticated') {
      this.#refuseForGood(session, hello, fault.message);
      return;
    }
    this.#ports.log.warn('An agent could not be greeted.', { endpointId: hello.endpointId, cause: fault });
    session.refuse(this.#tryLater('The server cannot take the connection just now.'));
  }

  #refuseForGood(session: AgentSession, hello: Hello, why: string): void {
    this.#ports.log.warn('An agent was refused.', { endpointId: hello.endpointId, why });
    session.refuse({ why, retryAfter: 0, final: true });
  }

  #tryLater(why: string) {
    return tryLater(why, this.#settings.stormSpread, this.#ports.random);
  }

  async #lookUp(ids: readonly EndpointId[]): Promise<readonly (Endpoint | 'unknown')[]> {
    const found = await this.#ports.store.read(({ endpoints }) => endpoints.byIds([...new Set(ids)]));
    const byId = new Map(found.map((endpoint) => [endpoint.id, endpoint]));
    return ids.map((id) => byId.get(id) ?? 'unknown');
  }
}

function claimOf({ machine, generation }: Hello): MachineClaim {
  return { machine: machine ?? noClaim.machine, generation: generation ?? null };
}

/** What speaks against a hello; the words are for the agent's own log. */
function flawOf(known: Endpoint | 'unknown', nonce: Uint8Array, hello: Hello): string | undefined {
  if (known === 'unknown') {
    return 'This endpoint is not enrolled here.';
  }
  if (known.revokedAt !== null) {
    return 'This endpoint was revoked.';
  }
  const key = readPublicKey(known.devicePublicKey);
  const valid = isSignatureValid('custody-hello-v1', { bytes: nonce, signature: hello.signature }, key);
  return valid ? undefined : 'The signature is not by the key that this endpoint enrolled with.';
}
