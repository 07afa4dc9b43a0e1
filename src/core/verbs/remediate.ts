import type { Permission } from '../access/permission.ts';
import { demandPermission } from '../access/principal.ts';
import type { Json, NewEvent } from '../custody/event.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import { Fault } from '../fault.ts';
import type { Ports } from '../ports/ports.ts';
import type { Transaction } from '../ports/store/store.ts';
import type { Remediation, RemediationId, RemediationRow, Remedy } from '../remediation/remediation.ts';
import { judgeRow } from './judge-remediation.ts';
import { incidentNamed } from './name-incident.ts';
import type { Origin } from './open-action.ts';
import { type AskedRow, knownTargets } from './remediation-targets.ts';
import { settleRows } from './settle-remediation.ts';
import { mostTold } from './told-targets.ts';

export interface Remediate {
  /** Its `incidentId` is the incident that the rows are about, as it was given. */
  readonly origin: Origin;
  /** In the order in which they are answered. */
  readonly rows: readonly AskedRow[];
}

/** In one remediation, those that stand for the files of an incident among them. */
const mostRows = 500;

/** What each remedy needs. */
export const permissionOfRemedy: Record<Remedy, Permission> = {
  quarantine: 'files.quarantine',
  restore: 'files.restore',
  block: 'lists.manage',
};

/**
 * Orders many things about many files at once, and keeps what became of each. What cannot be ordered fails by itself, with the
 * reason; the rest is ordered, all or nothing.
 * @throws Fault `permission_denied` when the role lacks what any row needs, `invalid_request` without rows, `limit_exceeded` for too
 * many, `timeout`
 */
export async function remediate(
  ports: Pick<Ports, 'store' | 'clock' | 'random' | 'policy' | 'doorbell'>,
  request: Remediate,
): Promise<Remediation> {
  demandRows(request.rows.length);
  for (const { remedy } of request.rows) {
    if (remedy !== null) {
      demandPermission(request.origin.principal, permissionOfRemedy[remedy]);
    }
  }
  const { remediation, endpoints } = await ports.store.transact((transaction) =>
    remediateIn(ports, transaction, request),
  );
  ports.doorbell.ring(endpoints);
  return remediation;
}

function demandRows(count: number): void {
  if (count === 0) {
    throw new Fault('invalid_request', 'Nothing is named to be done: name at least one action.', {
      details: { field: 'rows' },
    });
  }
  if (count > mostRows) {
    throw new Fault('limit_exceeded', `One remediation has at most ${mostRows} actions; ${count} were named.`, {
      details: { limit: mostRows, asked: count },
    });
  }
}

async function remediateIn(
  ports: Pick<Ports, 'clock' | 'random' | 'policy'>,
  transaction: Transaction,
  { origin, rows }: Remediate,
): Promise<{ readonly remediation: Remediation; readonly endpoints: readonly EndpointId[] }> {
  const named = await incidentNamed(transaction, origin.incidentId);
  const known = await knownTargets(transaction, rows, named.incident);
  const judged = rows.flatMap((row) => judgeRow(row, known));
  demandRows(judged.length);
  const id = ports.random.uuid() as RemediationId;
  const settled = await settleRows(ports, transaction, { origin, rows: judged, facts: { remediationId: id } });
  const { principal, claimedInitiator = null, dialect, reason } = origin;
  const remediation: Remediation = {
    id,
    incident: named.name,
    incidentId: named.incident?.id ?? null,
    principal: { kind: principal.kind, id: principal.id, name: principal.name },
    claimedInitiator,
    dialect,
    createdAt: ports.clock.now(),
    abortedAt: null,
    abortedBy: null,
    rows: settled.rows,
  };
  await transaction.remediations.insert(remediation);
  await transaction.events.append([startedEvent(remediation, reason)]);
  return { remediation, endpoints: settled.endpoints };
}

/** Of each row what it was about, and what became of it at once: `ordered`, `listed`, or why it failed. */
function toldRow({ machine, target, actionType, result }: RemediationRow): Json {
  return { machine, target, actionType, result: result.kind === 'failed' ? result.failure : result.kind };
}

function startedEvent({ id, incident, incidentId, ...remediation }: Remediation, reason: string | undefined): NewEvent {
  const count = (kind: RemediationRow['result']['kind']) =>
    remediation.rows.filter(({ result }) => result.kind === kind).length;
  const { dialect, claimedInitiator } = remediation;
  return {
    type: 'remediation_started',
    at: remediation.createdAt,
    actor: remediation.principal,
    ...(incidentId !== null && { incidentId }),
    facts: {
      ...{ remediationId: id, incident, dialect, claimedInitiator, reason: reason?.toWellFormed() ?? null },
      ...{ ordered: count('ordered'), listed: count('listed'), failed: count('failed') },
      rows: remediation.rows.slice(0, mostTold).map(toldRow),
    },
  };
}
