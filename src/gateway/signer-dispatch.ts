import type { Task } from '#core/action/action.ts';
import { asFault, Fault } from '#core/fault.ts';
import type { Dispatch, DispatchObstacle, StopHearing } from '#core/ports/dispatch.ts';
import { type OrderSigner, SignerRefusal } from '#core/ports/order-signer.ts';
import { second } from '#core/time.ts';
import { writeOrderToken } from '#wire/order-token.ts';
import type { GatewayPorts } from './gateway-ports.ts';
import { orderBytes } from './order-frame.ts';

/** A signer on another host that is silent for so long counts as away: somebody waits for the answer. */
const patience = second;

type DispatchPorts = Pick<GatewayPorts, 'signer' | 'clock' | 'log'>;

/** Without the signer no order can leave. */
export function createDispatch({ signer, clock, log }: DispatchPorts, stopHearing: () => StopHearing): Dispatch {
  return {
    stopHearing,
    async obstacle(task) {
      const silence = Promise.withResolvers<'signer_away'>();
      const withdraw = clock.schedule(patience, () => silence.resolve('signer_away'));
      try {
        return await Promise.race([judged(signer, task), silence.promise]);
      } catch (thrown) {
        const cause = asFault(thrown);
        log.warn('Nobody can sign orders; they wait.', { cause });
        return cause.details['signer'] === 'other_key' ? 'signer_other_key' : 'signer_away';
      } finally {
        withdraw();
      }
    },
    seal: (task) => sealed(signer, task),
  };
}

async function sealed(signer: OrderSigner, task: Task): Promise<string> {
  const bytes = orderBytes(task);
  if (bytes === undefined) {
    throw new Fault('too_large', 'The order is too long.');
  }
  const [signature] = (await signer.sign([bytes])).results;
  if (signature instanceof SignerRefusal) {
    throw signature;
  }
  if (signature === undefined) {
    throw new Fault('internal', 'The signer has answered with no signature.');
  }
  return writeOrderToken({ bytes, signature });
}

async function judged(signer: OrderSigner, task: Task | undefined): Promise<DispatchObstacle | undefined> {
  const order = task === undefined ? undefined : orderBytes(task);
  const [refusal] = await signer.judge(order === undefined ? [] : [order]);
  return refusal === undefined ? undefined : `signer_${refusal.rule}`;
}
