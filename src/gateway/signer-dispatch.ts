import { asFault } from '#core/fault.ts';
import type { Dispatch } from '#core/ports/dispatch.ts';
import { second } from '#core/time.ts';
import type { GatewayPorts } from './gateway-ports.ts';

/** A signer on another host that is silent for so long counts as away: somebody waits for the answer. */
const patience = second;

/** Without the signer no order can leave. */
export function createDispatch({ signer, clock, log }: Pick<GatewayPorts, 'signer' | 'clock' | 'log'>): Dispatch {
  return {
    async obstacle() {
      const silence = Promise.withResolvers<'signer_away'>();
      const withdraw = clock.schedule(patience, () => silence.resolve('signer_away'));
      try {
        return await Promise.race([signer.sign([]).then(() => undefined), silence.promise]);
      } catch (thrown) {
        log.warn('The signer is away; orders wait for it.', { cause: asFault(thrown) });
        return 'signer_away';
      } finally {
        withdraw();
      }
    },
  };
}
