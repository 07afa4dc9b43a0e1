import type { SensorAction } from '#core/endpoint/sensor-action.ts';
import { Fault } from '#core/fault.ts';
import { fileName } from '#core/file/file-path.ts';
import { fileGuid, type Guid, machineGuid } from '#core/file/guid.ts';
import type { Ports } from '#core/ports/ports.ts';
import { spellGuid } from '../spell-guid.ts';
import { describeSensorActions } from './describe-sensor-actions.ts';
import { type FileFilter, isHit, readFileSearch } from './file-search.ts';
import { isOpen } from './sensor-stats.ts';

export interface SearchHit {
  readonly machineName: string;
  readonly machineGuid: string;
  /** What `fetchfile/start` takes, once the agent has inventoried the file. */
  readonly elementGuid: string;
  readonly fileName: string;
  readonly path: string;
  readonly size: number;
  readonly modifiedTime: number;
  readonly sha256String: string;
}

export interface SearchSensor {
  readonly machineName: string;
  readonly state: string;
  readonly message: string;
  readonly results: number;
}

export interface SearchResults {
  readonly finalState: boolean;
  readonly sensors: readonly SearchSensor[];
  readonly results: readonly SearchHit[];
}

/** What the agents have told so far. @throws Fault `invalid_request` for what is no live file search. */
export async function searchResults(
  ports: Pick<Ports, 'store' | 'clock' | 'policy'>,
  action: SensorAction,
): Promise<SearchResults> {
  const filters = filtersOf(action);
  const { described, endpoints } = await ports.store.read(async (reader) => {
    const [one] = await describeSensorActions(reader, [action], ports.clock.now());
    const ids = (one?.sensors ?? []).map(({ endpointId }) => endpointId);
    return { described: one, endpoints: new Map((await reader.endpoints.byIds(ids)).map((each) => [each.id, each])) };
  });
  const sensors = (described?.sensors ?? []).map((sensor) => {
    const endpoint = endpoints.get(sensor.endpointId);
    const machineName = endpoint?.hostName ?? sensor.endpointId;
    const hits = endpoint === undefined ? [] : sensor.outcomes.filter((outcome) => isHit(outcome, filters));
    const spell = (guid: Guid) => spellGuid(ports.policy, guid);
    const results = hits.flatMap(({ path, displayPath, size, sha256, details }): SearchHit[] =>
      path === null || endpoint === undefined
        ? []
        : [
            {
              machineName,
              machineGuid: spell(machineGuid(endpoint.number)),
              elementGuid: spell(fileGuid(endpoint.number, path)),
              fileName: fileName(path),
              path: displayPath,
              size: size ?? 0,
              modifiedTime: details.modifiedNs === undefined ? 0 : Number(BigInt(details.modifiedNs) / 1_000_000n),
              sha256String: sha256 ?? '',
            },
          ],
    );
    return { shown: { machineName, state: sensor.state, message: sensor.message, results: results.length }, results };
  });
  return {
    finalState: (described?.sensors ?? []).every(({ state }) => !isOpen(state)),
    sensors: sensors.map(({ shown }) => shown),
    results: sensors.flatMap(({ results }) => results),
  };
}

function filtersOf({ kind, argumentsJson }: SensorAction): readonly FileFilter[] {
  const parsed: unknown = JSON.parse(argumentsJson);
  if (kind !== 'FileSearchStart' || typeof parsed !== 'object' || parsed === null) {
    throw new Fault('invalid_request', 'The batch is no live file search.', { details: { field: 'batchID' } });
  }
  return readFileSearch({ fileFilters: Reflect.get(parsed, 'filters') }).filters;
}
