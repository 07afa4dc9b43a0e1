import type { Endpoint } from '#core/endpoint/endpoint.ts';
import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import { asFault } from '#core/fault.ts';
import { minute } from '#core/time.ts';
import { connectEndpoint } from '#core/verbs/connect-endpoint.ts';
import { firstWithKeyChanges, heartbeat, wireVersions } from '#wire/limits.ts';
import { isSignatureValid, readPublicKey } from '#wire/signature.ts';
import type { AgentSession, Hello } from './agent-session.ts';
import { Coalescer } from './coalescer.ts';
import type { GatewayPorts } from './gateway-ports.ts';
import type { GatewaySettings } from './gateway-settings.ts';
import { tryLater } from './try-later.ts';

const lookUpsPerRun = 1_000;

/** Whom to tell once an agent has proved itself. */
export interface Welcoming {
  /** @param orderKey that the agent says it trusts, base64; undefined where it does not say. */
  welcomed(session: AgentSession, endpoint: Endpoint, orderKey: string | undefined): void;
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

  constructor(ports: GatewayPorts, settings: GatewaySettings, welcoming: Welcoming) {
    this.#ports = ports;
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
    const { endpointId, facts, vaultRecipient } = hello;
    const connectedUntil = this.#ports.clock.now() + heartbeat.patience;
    const endpoint = await connectEndpoint(this.#ports, { endpointId, facts, vaultRecipient, connectedUntil });
    this.#open(session, endpoint, hello);
  }

  #open(session: AgentSession, endpoint: Endpoint, { version, orderKey }: Hello): void {
    if (session.phase === 'closed') {
      this.#underWay.delete(session);
      this.#welcoming.missed(endpoint.id);
      return;
    }
    const { id, number } = endpoint;
    session.welcome({ id, number, devicePublicKey: endpoint.devicePublicKey.slice() }, version);
    this.#welcoming.welcomed(session, endpoint, version >= firstWithKeyChanges ? orderKey : undefined);
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
