import { asFault, Fault } from '#core/fault.ts';
import type { VaultObjectId } from '#core/file/vault-object-id.ts';
import type { Milliseconds } from '#core/time.ts';
import { recordVaultEnd, recordVaultPart } from '#core/verbs/record-vault-list.ts';
import type { AgentSession, SessionEndpoint, Statement } from './agent-session.ts';
import type { GatewayPorts } from './gateway-ports.ts';
import type { GatewaySettings } from './gateway-settings.ts';
import { tryLater } from './try-later.ts';

type VaultMessage = Extract<Statement, { type: 'vault' }>;

/** Objects that one vault's list may name. */
const longestList = 1_000_000;

/** A list under way. */
interface Intake {
  readonly begunAt: Milliseconds;
  readonly listed: Set<VaultObjectId>;
  running: boolean;
}

/** Records what vaults hold: one list at a time per session, part by part, each confirmed once it is durable. */
export class VaultIntake {
  readonly #ports: GatewayPorts;
  readonly #settings: Pick<GatewaySettings, 'stormSpread'>;
  readonly #intakes = new Map<AgentSession, Intake>();

  constructor(ports: GatewayPorts, settings: Pick<GatewaySettings, 'stormSpread'>) {
    this.#ports = ports;
    this.#settings = settings;
  }

  /** @throws Fault `invalid_request` when a part has no beginning, or the agent does not wait for confirmation. */
  take(session: AgentSession, endpoint: SessionEndpoint, message: VaultMessage): void {
    const known = this.#intakes.get(session);
    if (known?.running === true) {
      throw new Fault('invalid_request', "A part of the vault's list comes after the one before was confirmed.");
    }
    if (message.part !== 'begin' && known === undefined) {
      throw new Fault('invalid_request', `A part ${message.part} of the vault's list without its beginning.`);
    }
    const intake = message.part === 'begin' || known === undefined ? this.#begin(session) : known;
    if (intake.listed.size > longestList) {
      throw new Fault('too_large', `A vault's list has at most ${longestList} objects.`);
    }
    intake.running = true;
    void this.#run(session, endpoint, { intake, message });
  }

  forget(session: AgentSession): void {
    this.#intakes.delete(session);
  }

  #begin(session: AgentSession): Intake {
    const intake: Intake = { begunAt: this.#ports.clock.now(), listed: new Set(), running: false };
    this.#intakes.set(session, intake);
    return intake;
  }

  /** Never rejects. An agent whose list was cut short sends it again, whole, after it reconnects. */
  async #run(
    session: AgentSession,
    endpoint: SessionEndpoint,
    { intake, message }: { readonly intake: Intake; readonly message: VaultMessage },
  ): Promise<void> {
    try {
      await this.#record(endpoint, intake, message);
      intake.running = false;
      if (message.part === 'end') {
        this.forget(session);
      }
      session.send({ type: 'vault_recorded' });
    } catch (thrown) {
      const facts = { endpointId: endpoint.id, cause: asFault(thrown) };
      this.#ports.log.error("A vault's list could not be recorded.", facts);
      const why = "The vault's list cannot be recorded just now.";
      session.refuse(tryLater(why, this.#settings.stormSpread, this.#ports.random));
    }
  }

  async #record(endpoint: SessionEndpoint, intake: Intake, { part, held, damaged }: VaultMessage): Promise<void> {
    if (held.length + damaged.length > 0) {
      await recordVaultPart(this.#ports, { endpoint, held, damaged });
    }
    for (const { vaultObject } of held) {
      intake.listed.add(vaultObject);
    }
    if (part === 'end') {
      await recordVaultEnd(this.#ports, { endpoint, listed: intake.listed, begunAt: intake.begunAt });
    }
  }
}
