import { asFault } from '#core/fault.ts';
import type { KeptGeneration } from '#core/ports/store/machines.ts';
import { Coalescer } from './coalescer.ts';
import type { GatewayPorts } from './gateway-ports.ts';
import type { GatewaySettings } from './gateway-settings.ts';

const keptPerRun = 1_000;
const mostWaiting = 100_000;

/** Records which welcome's number agents have on disk, many at a time. */
export class GenerationKeeper {
  readonly #ports: Pick<GatewayPorts, 'store' | 'clock' | 'log'>;
  readonly #kept: Coalescer<KeptGeneration, true>;

  constructor(ports: Pick<GatewayPorts, 'store' | 'clock' | 'log'>, { coalesce }: Pick<GatewaySettings, 'coalesce'>) {
    this.#ports = ports;
    this.#kept = new Coalescer({
      clock: ports.clock,
      delay: coalesce,
      weigh: () => 1,
      mostPerRun: keptPerRun,
      mostWaiting,
      run: async (some) => {
        await ports.store.transact(({ machines }) => machines.keepGenerations(some));
        return some.map(() => true);
      },
    });
  }

  /** Never rejects: what is not recorded leaves the number before good as well, which is less strict and no loss. */
  async keep(kept: KeptGeneration): Promise<void> {
    try {
      await this.#kept.submit(kept);
    } catch (thrown) {
      const facts = { endpointId: kept.endpointId, cause: asFault(thrown) };
      this.#ports.log.warn('The number that an agent keeps could not be recorded.', facts);
    }
  }

  settled(): Promise<void> {
    return this.#kept.settled();
  }
}
