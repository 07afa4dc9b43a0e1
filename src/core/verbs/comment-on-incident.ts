import type { Principal } from '../access/principal.ts';
import { Fault } from '../fault.ts';
import type { IncidentComment } from '../incident/incident.ts';
import type { Ports } from '../ports/ports.ts';
import type { Transaction } from '../ports/store/store.ts';
import type { Milliseconds } from '../time.ts';
import { demandText } from './create-incident.ts';
import { demandIncident } from './resolve-incident.ts';

export const longestComment = 16_384;

/** Keeps what somebody says of an incident, named by its id or GUID. @throws Fault `not_found`, `invalid_request` */
export async function commentOnIncident(
  ports: Pick<Ports, 'store' | 'clock' | 'random'>,
  by: Pick<Principal, 'kind' | 'id' | 'name'>,
  { incident, text }: { readonly incident: string; readonly text: string },
): Promise<IncidentComment> {
  demandComment(text);
  const at = ports.clock.now();
  return ports.store.transact((transaction) => commentWithin(ports, transaction, { by, incident, text, at }));
}

/** @throws Fault `invalid_request` */
export function demandComment(text: string): void {
  demandText('comment', text, longestComment);
  if (text.trim() === '') {
    throw new Fault('invalid_request', 'The comment is empty.', { details: { field: 'comment' } });
  }
}

interface Commenting {
  readonly by: Pick<Principal, 'kind' | 'id' | 'name'>;
  readonly incident: string;
  readonly text: string;
  readonly at: Milliseconds;
}

/** Within the caller's transaction. The incident counts as changed: clients that mirror it ask for no more than that. */
export async function commentWithin(
  ports: Pick<Ports, 'random'>,
  transaction: Transaction,
  { by, incident: named, text, at }: Commenting,
): Promise<IncidentComment> {
  const { kind, id, name } = by;
  const incident = await demandIncident(transaction, named);
  const comment = { id: ports.random.uuid(), incidentId: incident.id, at, author: { kind, id, name }, text };
  await transaction.incidents.addComment(comment);
  await transaction.incidents.update({ ...incident, updatedAt: at });
  const facts = { commentId: comment.id, text };
  await transaction.events.append([
    { type: 'incident_commented', at, actor: comment.author, incidentId: incident.id, facts },
  ]);
  return comment;
}
