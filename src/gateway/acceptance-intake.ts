import { asFault } from '#core/fault.ts';
import { type Acceptance, recordAccepted } from '#core/verbs/record-accepted.ts';
import type { AgentSession } from './agent-session.ts';
import { Coalescer } from './coalescer.ts';
import type { GatewayPorts } from './gateway-ports.ts';
import type { GatewaySettings } from './gateway-settings.ts';
import { tryLater } from './try-later.ts';

const tasksPerCommit = 5_000;
const tasksWaiting = 500_000;

/** Records that agents have their orders on disk, many sessions' in one commit. */
export class AcceptanceIntake {
  readonly #ports: GatewayPorts;
  readonly #settings: Pick<GatewaySettings, 'stormSpread'>;
  readonly #commits: Coalescer<Acceptance, true>;

  constructor(ports: GatewayPorts, settings: Pick<GatewaySettings, 'coalesce' | 'stormSpread'>) {
    this.#ports = ports;
    this.#settings = settings;
    this.#commits = new Coalescer({
      clock: ports.clock,
      delay: settings.coalesce,
      weigh: ({ taskIds }) => taskIds.length,
      mostPerRun: tasksPerCommit,
      mostWaiting: tasksWaiting,
      run: (acceptances) => this.#commit(acceptances),
    });
  }

  /** Never rejects. What was not recorded is asked for again: the agent reconnects and is handed the order anew. */
  async take(session: AgentSession, acceptance: Acceptance): Promise<void> {
    try {
      await this.#commits.submit(acceptance);
    } catch (thrown) {
      const { endpointId } = acceptance;
      this.#ports.log.error('An acceptance could not be recorded.', { endpointId, cause: asFault(thrown) });
      const why = 'The acceptance cannot be recorded just now.';
      session.refuse(tryLater(why, this.#settings.stormSpread, this.#ports.random));
    }
  }

  settled(): Promise<void> {
    return this.#commits.settled();
  }

  async #commit(acceptances: readonly Acceptance[]): Promise<readonly true[]> {
    await recordAccepted(this.#ports, acceptances);
    return acceptances.map(() => true);
  }
}
