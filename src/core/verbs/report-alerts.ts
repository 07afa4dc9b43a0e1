import { createHash } from 'node:crypto';
import type { Principal } from '../access/principal.ts';
import type { DialectName } from '../action/action.ts';
import type { NewEvent } from '../custody/event.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import { type Alert, type AlertId, incidentSeverityOf, newAlertId } from '../incident/alert.ts';
import { type Incident, incidentSeverities } from '../incident/incident.ts';
import type { IncidentId } from '../incident/incident-id.ts';
import type { Ports } from '../ports/ports.ts';
import type { Transaction } from '../ports/store/store.ts';
import type { Milliseconds } from '../time.ts';
import { unreachable } from '../unreachable.ts';
import { openIncident } from './create-incident.ts';
import { endpointsOfHosts } from './endpoints-of-hosts.ts';

const leftOut = 'An alert was left without an id or an incident.';

/** An alert as the system that detected it tells of it. */
export interface ReportedAlert
  extends Omit<Alert, 'id' | 'incidentId' | 'fingerprint' | 'likeness' | 'detectedAt' | 'receivedAt' | 'endpointId'> {
  /** Now, where nobody said. */
  readonly detectedAt: Milliseconds | null;
}

export interface AlertReport {
  readonly origin: { readonly principal: Principal; readonly dialect: DialectName };
  /** At most a few hundred, their texts checked. */
  readonly alerts: readonly ReportedAlert[];
}

/** As many as one question for an incident can show. */
const mostAlertsOfIncident = 1_000;

/**
 * Keeps alerts, each within an incident: the newest open one about the same file, else about the same endpoint, else, where it names
 * neither, one with alerts of its kind from its place; else one that is opened for it. An alert that was told before is left as it is:
 * whoever was not answered asks again. All of them are kept, or none.
 */
export async function reportAlerts(
  ports: Pick<Ports, 'store' | 'clock' | 'random'>,
  { origin, alerts }: AlertReport,
): Promise<void> {
  await ports.store.transact(async (transaction) => {
    const now = ports.clock.now();
    const fresh = await freshAlerts(transaction, alerts);
    const placed = await placeAlerts({ ports, transaction, origin, now }, fresh);
    await transaction.alerts.insert(placed);
    await transaction.events.append(placed.map((alert) => reportedEvent(alert, origin.principal)));
  });
}

interface Reporting {
  readonly ports: Pick<Ports, 'clock' | 'random'>;
  readonly transaction: Transaction;
  readonly origin: AlertReport['origin'];
  readonly now: Milliseconds;
}

type FreshAlert = Omit<Alert, 'id' | 'incidentId' | 'detectedAt' | 'receivedAt'> & Pick<ReportedAlert, 'detectedAt'>;

/** Those that nobody told before, each once, with the endpoints that they name. */
async function freshAlerts(
  transaction: Transaction,
  reported: readonly ReportedAlert[],
): Promise<readonly FreshAlert[]> {
  const byFingerprint = new Map<string, ReportedAlert>();
  for (const alert of reported) {
    const fingerprint = fingerprintOf(alert);
    if (!byFingerprint.has(fingerprint)) {
      byFingerprint.set(fingerprint, alert);
    }
  }
  for (const known of await transaction.alerts.knownFingerprints([...byFingerprint.keys()])) {
    byFingerprint.delete(known);
  }
  const fresh = [...byFingerprint];
  const endpointOf = await endpointsOfHosts(
    transaction,
    fresh.map(([, alert]) => ({ hostName: alert.hostName, address: alert.localAddress })),
  );
  return fresh.map(([fingerprint, alert]) => {
    const endpointId = endpointOf({ hostName: alert.hostName, address: alert.localAddress });
    const named = alert.sha256 !== null || endpointId !== null;
    return { ...alert, fingerprint, endpointId, likeness: named ? null : likenessOf(alert) };
  });
}

/** What its system calls it says which one it is; where that says nothing, everything it told. */
function fingerprintOf(alert: ReportedAlert): string {
  const { externalId, source } = alert;
  const whole = Object.entries(alert).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return digestOf(externalId === null ? ['whole', whole] : ['id', source, externalId]);
}

function likenessOf({ source, name, hostName, localAddress }: ReportedAlert): string {
  return digestOf([source, name, hostName, localAddress]);
}

function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}

async function placeAlerts(reporting: Reporting, fresh: readonly FreshAlert[]): Promise<readonly Alert[]> {
  const { ports, transaction, now } = reporting;
  const homes = await homesFor(reporting, fresh);
  const ids = await freeAlertIds(ports, transaction, { count: fresh.length, now });
  return fresh.map((alert, index) => ({
    ...alert,
    id: ids[index] ?? unreachable(leftOut),
    incidentId: homes.get(alert) ?? unreachable(leftOut),
    detectedAt: alert.detectedAt ?? now,
    receivedAt: now,
  }));
}

/** The incident of each, with those that had to be opened; those that there were learn what is new. */
async function homesFor(
  reporting: Reporting,
  fresh: readonly FreshAlert[],
): Promise<ReadonlyMap<FreshAlert, IncidentId>> {
  const { transaction } = reporting;
  const found = await transaction.alerts.homesOf(
    {
      hashes: [...new Set(fresh.flatMap(({ sha256 }) => sha256 ?? []))],
      endpointIds: [...new Set(fresh.flatMap(({ endpointId }) => endpointId ?? []))],
      likenesses: [...new Set(fresh.flatMap(({ likeness }) => likeness ?? []))],
    },
    mostAlertsOfIncident,
  );
  const byKinship = {
    byHash: new Map(found.byHash),
    byEndpoint: new Map(found.byEndpoint),
    byLikeness: new Map(found.byLikeness),
  };
  const homes = new Map<FreshAlert, IncidentId>();
  const joined: FreshAlert[] = [];
  for (const alert of fresh) {
    const home = homeOf(byKinship, alert);
    if (home === undefined) {
      const opened = (await openFor(reporting, alert)).id;
      homes.set(alert, opened);
      remember(byKinship, alert, opened);
    } else {
      homes.set(alert, home);
      remember(byKinship, alert, home);
      joined.push(alert);
    }
  }
  await updateJoined(
    reporting,
    Map.groupBy(joined, (alert) => homes.get(alert) ?? unreachable(leftOut)),
  );
  return homes;
}

interface Kinships {
  readonly byHash: Map<string, IncidentId>;
  readonly byEndpoint: Map<string, IncidentId>;
  readonly byLikeness: Map<string, IncidentId>;
}

/** From the surest to the weakest. */
function homeOf({ byHash, byEndpoint, byLikeness }: Kinships, alert: FreshAlert): IncidentId | undefined {
  const { sha256, endpointId, likeness } = alert;
  return byHash.get(sha256 ?? '') ?? byEndpoint.get(endpointId ?? '') ?? byLikeness.get(likeness ?? '');
}

function remember({ byHash, byEndpoint, byLikeness }: Kinships, alert: FreshAlert, id: IncidentId): void {
  for (const [known, kinship] of [
    [byHash, alert.sha256],
    [byEndpoint, alert.endpointId],
    [byLikeness, alert.likeness],
  ] as const) {
    if (kinship !== null && !known.has(kinship)) {
      known.set(kinship, id);
    }
  }
}

function openFor({ ports, transaction, origin }: Reporting, alert: FreshAlert): Promise<Incident> {
  return openIncident(ports, transaction, {
    origin,
    name: alert.name,
    description: alert.description,
    severity: incidentSeverityOf[alert.severity],
    endpointIds: endpointsOf([alert]),
    files: [],
    processes: [],
  });
}

/** An incident is as bad as the worst of its alerts, and is about all of their endpoints. */
async function updateJoined(
  { transaction, now }: Reporting,
  joined: ReadonlyMap<IncidentId, readonly FreshAlert[]>,
): Promise<void> {
  const ids = [...joined.keys()];
  const { items } = await transaction.incidents.list({ ids }, { offset: 0, limit: ids.length });
  for (const incident of items) {
    const alerts = joined.get(incident.id) ?? [];
    const ranks = [incident.severity, ...alerts.map(({ severity }) => incidentSeverityOf[severity])].map((severity) =>
      incidentSeverities.indexOf(severity),
    );
    const severity = incidentSeverities[Math.max(...ranks)] ?? incident.severity;
    await transaction.incidents.update({ ...incident, severity, updatedAt: now });
    await transaction.incidents.addEndpoints(incident.id, endpointsOf(alerts));
  }
}

function endpointsOf(alerts: readonly FreshAlert[]): readonly EndpointId[] {
  return [...new Set(alerts.flatMap(({ endpointId }) => endpointId ?? []))];
}

/** In ascending order, so that alerts of one call are listed in the order of the call. */
async function freeAlertIds(
  ports: Pick<Ports, 'random'>,
  { alerts }: Transaction,
  { count, now }: { readonly count: number; readonly now: Milliseconds },
): Promise<readonly AlertId[]> {
  const free = new Set<AlertId>();
  // A millisecond has two thousand ids: where they run short, the next one's are taken.
  for (let at = now; free.size < count; at += 1) {
    const drawn = new Set(Array.from({ length: count - free.size }, () => newAlertId(at, ports.random)));
    const ids = [...drawn];
    const order = { by: 'receivedAt', direction: 'ascending' } as const;
    const taken = new Set(
      (await alerts.list({ ids }, order, { offset: 0, limit: ids.length })).items.map(({ id }) => id),
    );
    for (const id of ids.filter((each) => !taken.has(each))) {
      free.add(id);
    }
  }
  return [...free].sort((one, other) => Number(one) - Number(other));
}

function reportedEvent(alert: Alert, { kind, id, name }: Principal): NewEvent {
  const { incidentId, endpointId, receivedAt: at, severity, source, sha256 } = alert;
  const facts = { alertId: alert.id, name: alert.name, severity, source, sha256 };
  return {
    type: 'alert_reported',
    at,
    actor: { kind, id, name },
    incidentId,
    ...(endpointId !== null && { endpointId }),
    facts,
  };
}
