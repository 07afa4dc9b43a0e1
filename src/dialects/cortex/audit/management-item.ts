import type { CustodyEvent, Json } from '#core/custody/event.ts';
import type { Endpoint } from '#core/endpoint/endpoint.ts';
import { pythonJson } from '../python-json.ts';
import { managementWords } from './management-kinds.ts';

const longestFacts = 4_000;

/** A line of the management log; what nobody here knows is empty or null, never made up. */
export function managementItem(event: CustodyEvent, endpoint: Endpoint | undefined): Json {
  const { sequence, actor, at, facts, actionId, incidentId } = event;
  const words = managementWords(event);
  const names = endpoint === undefined ? [] : [endpoint.hostName];
  return {
    AUDIT_ID: sequence,
    AUDIT_OWNER_NAME: actor.name,
    AUDIT_OWNER_EMAIL: actor.kind === 'user' ? actor.name : '',
    AUDIT_ASSET_JSON: assetOf(facts),
    AUDIT_ASSET_NAMES: names.join(', '),
    AUDIT_HOSTNAME: endpoint?.hostName ?? null,
    AUDIT_RESULT: words?.result ?? 'SUCCESS',
    AUDIT_REASON: null,
    AUDIT_DESCRIPTION: words?.description ?? '',
    AUDIT_ENTITY: words?.entity ?? '',
    AUDIT_ENTITY_SUBTYPE: words?.subType ?? '',
    AUDIT_SESSION_ID: null,
    AUDIT_CASE_ID: caseOf(incidentId ?? facts['incidentId']),
    AUDIT_INSERT_TIME: at,
    AUDIT_SEVERITY: words?.severity ?? 'SEV_010_INFO',
    AUDIT_LINK: null,
    AUDIT_SOURCE_IP: textOf(facts['remoteAddress']),
    AUDIT_USER_AGENT: null,
    AUDIT_USER_ROLES: [],
    AUDIT_ADDITIONAL_INFORMATION: { endpoint_names: names, endpoint_count: countOf(facts['endpointsCount'], names) },
    AUDIT_OBJECT_ID: actionId ?? null,
  };
}

/** JSON in a string; facts that are too long to be one are left out whole, for half of them would be none. */
function assetOf(facts: CustodyEvent['facts']): string {
  const text = pythonJson(facts);
  return text.length <= longestFacts ? text : '{}';
}

function caseOf(id: Json | undefined): number | null {
  return typeof id === 'string' && /^\d{1,16}$/.test(id) ? Number(id) : null;
}

function textOf(value: Json | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

function countOf(value: Json | undefined, names: readonly string[]): number {
  return typeof value === 'number' ? value : names.length;
}
