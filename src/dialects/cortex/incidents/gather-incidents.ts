import type { Endpoint } from '#core/endpoint/endpoint.ts';
import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import type { Incident } from '#core/incident/incident.ts';
import type { AlertTally } from '#core/ports/store/alerts.ts';
import type { Reader } from '#core/ports/store/store.ts';

/** An incident with what its item tells of it beside. */
export interface GatheredIncident {
  readonly incident: Incident;
  readonly endpointIds: readonly EndpointId[];
  /** Of the first of these endpoints, as many as are named. */
  readonly endpoints: readonly Endpoint[];
  readonly userNames: readonly string[];
  readonly alerts: readonly AlertTally[];
}

/** How many hosts and users an item names; how many there are, it says always. */
const mostNamed = 100;

/** In the same order, in a few statements however many they are. */
export async function gatherIncidents(
  reader: Reader,
  incidents: readonly Incident[],
): Promise<readonly GatheredIncident[]> {
  const ids = incidents.map(({ id }) => id);
  const named = await reader.incidents.endpointsOf(ids);
  const shown = [...named.values()].flatMap((endpointIds) => endpointIds.slice(0, mostNamed));
  const endpoints = new Map((await reader.endpoints.byIds([...new Set(shown)])).map((each) => [each.id, each]));
  const processes = await reader.incidents.firstProcesses(ids, mostNamed);
  const alerts = Map.groupBy(await reader.alerts.tally(ids), ({ incidentId }) => incidentId);
  return incidents.map((incident) => {
    const endpointIds = named.get(incident.id) ?? [];
    const tallies = alerts.get(incident.id) ?? [];
    const users = [...(processes.get(incident.id)?.items ?? []), ...tallies].map(({ userName }) => userName ?? '');
    return {
      incident,
      endpointIds,
      endpoints: endpointIds.slice(0, mostNamed).flatMap((id) => endpoints.get(id) ?? []),
      userNames: [...new Set(users)].filter((name) => name !== ''),
      alerts: tallies,
    };
  });
}
