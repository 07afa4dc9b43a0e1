import type { Principal } from '../access/principal.ts';
import { Fault } from '../fault.ts';
import type { IncidentComment } from '../incident/incident.ts';
import type { Ports } from '../ports/ports.ts';
import { demandText } from './create-incident.ts';
import { demandIncident } from './resolve-incident.ts';

const longestComment = 16_384;

/** Keeps what somebody says of an incident, named by its id or GUID. @throws Fault `not_found`, `invalid_request` */
export async function commentOnIncident(
  ports: Pick<Ports, 'store' | 'clock' | 'random'>,
  by: Pick<Principal, 'kind' | 'id' | 'name'>,
  { incident: named, text }: { readonly incident: string; readonly text: string },
): Promise<IncidentComment> {
  demandText('comment', text, longestComment);
  if (text.trim() === '') {
    throw new Fault('invalid_request', 'The comment is empty.', { details: { field: 'comment' } });
  }
  const { kind, id, name } = by;
  return ports.store.transact(async (transaction) => {
    const incident = await demandIncident(transaction, named);
    const at = ports.clock.now();
    const comment = { id: ports.random.uuid(), incidentId: incident.id, at, author: { kind, id, name }, text };
    await transaction.incidents.addComment(comment);
    const facts = { commentId: comment.id, text };
    await transaction.events.append([
      { type: 'incident_commented', at, actor: comment.author, incidentId: incident.id, facts },
    ]);
    return comment;
  });
}
