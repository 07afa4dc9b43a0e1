import { serverActor } from '../custody/event.ts';
import type { Ports } from '../ports/ports.ts';

/** An address has tried so many wrong enrolment tokens that none from it counts for a while. Once for each time that it is shut out. */
export async function recordEnrolmentGuessing(
  ports: Pick<Ports, 'store' | 'clock'>,
  remoteAddress: string,
): Promise<void> {
  const at = ports.clock.now();
  await ports.store.transact(({ events }) =>
    events.append([{ type: 'enrolment_guessed', at, actor: serverActor, facts: { remoteAddress } }]),
  );
}
