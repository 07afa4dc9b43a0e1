import type { Principal } from '../access/principal.ts';
import type { DialectName } from '../action/action.ts';
import { Fault } from '../fault.ts';
import { incidentGuid } from '../file/guid.ts';
import type { Incident, IncidentSeverity } from '../incident/incident.ts';
import { newIncidentId } from '../incident/incident-id.ts';
import type { ReportedObservations } from '../incident/observations.ts';
import type { Ports } from '../ports/ports.ts';
import type { Transaction } from '../ports/store/store.ts';
import { addObservations, observationCounts } from './observe-incident.ts';

export interface NewIncident extends ReportedObservations {
  readonly origin: { readonly principal: Principal; readonly dialect: DialectName };
  readonly name: string;
  readonly description: string;
  readonly severity: IncidentSeverity;
  /** What the reporting system calls it. */
  readonly externalId?: string | undefined;
}

export interface CreatedIncident {
  readonly incident: Incident;
  /** False: that system reported it before, and it is as it was. */
  readonly created: boolean;
}

const longestName = 1_000;
const longestDescription = 65_536;

/**
 * Opens an incident. One that its system reported before, by the same external id, is returned as it is: a SOAR that was not
 * answered asks again.
 * @throws Fault `invalid_request`, `limit_exceeded`, `not_found` for an unknown endpoint
 */
export async function createIncident(
  ports: Pick<Ports, 'store' | 'clock' | 'random'>,
  request: NewIncident,
): Promise<CreatedIncident> {
  demandText('name', request.name, longestName);
  demandText('description', request.description, longestDescription);
  if (request.name.trim() === '') {
    throw new Fault('invalid_request', 'An incident has a name.', { details: { field: 'name' } });
  }
  return ports.store.transact(async (transaction) => {
    const known = await reportedBefore(transaction, request.externalId);
    return known === undefined
      ? { incident: await openIncident(ports, transaction, request), created: true }
      : { incident: known, created: false };
  });
}

/** Within the caller's transaction, which has checked the texts. @throws Fault `limit_exceeded`, `not_found` */
export async function openIncident(
  ports: Pick<Ports, 'clock' | 'random'>,
  transaction: Transaction,
  request: NewIncident,
): Promise<Incident> {
  const incident = await freshIncident(ports, transaction, request);
  await transaction.incidents.insert(incident, []);
  await addObservations(transaction, incident, request);
  const { id, name, severity, externalId, createdAt } = incident;
  const facts = { name, severity, externalId, ...observationCounts(request) };
  await transaction.events.append([
    { type: 'incident_created', at: createdAt, actor: incident.createdBy, incidentId: id, facts },
  ]);
  return incident;
}

async function reportedBefore({ incidents }: Transaction, externalId: string | undefined) {
  if (externalId === undefined) {
    return undefined;
  }
  return (await incidents.list({ externalIds: [externalId] }, { offset: 0, limit: 1 })).items[0];
}

async function freshIncident(
  ports: Pick<Ports, 'clock' | 'random'>,
  { incidents }: Transaction,
  { origin, name, description, severity, externalId }: NewIncident,
): Promise<Incident> {
  const now = ports.clock.now();
  let id = newIncidentId(now, ports.random);
  while ((await incidents.byId(id)) !== undefined) {
    id = newIncidentId(now, ports.random);
  }
  const { principal, dialect } = origin;
  return {
    id,
    guid: incidentGuid(id),
    name,
    description,
    severity,
    manualSeverity: null,
    starred: false,
    status: 'new',
    assignedTo: null,
    createdBy: { kind: principal.kind, id: principal.id, name: principal.name },
    dialect,
    createdAt: now,
    updatedAt: now,
    resolvedAt: null,
    resolveComment: '',
    externalId: externalId ?? null,
  };
}

/** @throws Fault `invalid_request` */
export function demandText(field: string, text: string, longest: number): void {
  if (text.length > longest || text.includes('\0') || !text.isWellFormed()) {
    throw new Fault('invalid_request', `${field} must be at most ${longest} characters, with no NUL.`, {
      details: { field },
    });
  }
}
