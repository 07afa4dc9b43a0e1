import type { Principal } from '../access/principal.ts';
import type { Ports } from '../ports/ports.ts';
import { type ChangeOfIncident, changeWithin, demandChanges } from './change-incident.ts';
import { commentWithin, demandComment } from './comment-on-incident.ts';

export interface UpdateOfIncident extends ChangeOfIncident {
  /** Added to those that it has. */
  readonly comment?: string | undefined;
}

/** Changes an incident and says something of it, both or neither. @throws Fault `not_found`, `invalid_request` */
export async function updateIncident(
  ports: Pick<Ports, 'store' | 'clock' | 'random'>,
  by: Pick<Principal, 'kind' | 'id' | 'name'>,
  update: UpdateOfIncident,
): Promise<void> {
  const { incident, comment } = update;
  demandChanges(update);
  if (comment !== undefined) {
    demandComment(comment);
  }
  const now = ports.clock.now();
  await ports.store.transact(async (transaction) => {
    await changeWithin(transaction, { by, change: update, now });
    if (comment !== undefined) {
      await commentWithin(ports, transaction, { by, incident, text: comment, at: now });
    }
  });
}
