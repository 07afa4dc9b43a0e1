import type { FileOutcome } from '#core/action/action.ts';
import type { Json } from '#core/custody/event.ts';
import type { Endpoint } from '#core/endpoint/endpoint.ts';
import type { FleetAction } from '#core/endpoint/fleet-action.ts';
import { displayPath, fileName } from '#core/file/file-path.ts';
import { isSuccess } from '#core/outcome.ts';
import type { Reader } from '#core/ports/store/store.ts';
import { pylumId } from '../pylum-id.ts';
import { isOperator } from '../query/operators.ts';
import { sensorId } from '../sensor-id.ts';
import { spellGuid } from '../spell-guid.ts';
import { type FileCondition, foldersOf, meets, searchedFields } from './file-conditions.ts';
import type { SensorView } from './sensor.ts';
import { factsOf } from './sensor-action.ts';
import type { SensorOfAction } from './sensors-of-action.ts';

export interface FoundFile {
  readonly fileName: string;
  readonly folder: string;
  readonly path: string;
  readonly size: number;
  readonly modificationTime: number;
  readonly sha256: string;
  /** Of the File element; null where no inventory has it, so that it can be had by its path only. */
  readonly guid: string | null;
}

export interface SensorResult {
  readonly sensorId: string;
  readonly pylumId: string;
  readonly machineName: string;
  readonly status: string;
  readonly message: string;
  readonly files: readonly FoundFile[];
}

/** What these sensors have found, of what was asked for. */
export async function resultsOf(
  reader: Reader,
  view: SensorView,
  { action, sensors }: { readonly action: FleetAction; readonly sensors: readonly SensorOfAction[] },
): Promise<readonly SensorResult[]> {
  const conditions = conditionsOf(factsOf(action).fileFilters);
  const outcomes = await reader.outcomes.byTasks(sensors.flatMap(({ task }) => task?.id ?? []));
  const found = outcomes.filter(
    (each) => isSuccess(each.outcome) && each.path !== null && conditions.every((condition) => meets(each, condition)),
  );
  const known = new Set(
    (await reader.files.byGuids(found.flatMap(({ fileGuid }) => fileGuid ?? []))).map(({ guid }) => guid),
  );
  const byTask = Map.groupBy(found, ({ taskId }) => taskId);
  const endpoints = await reader.endpoints.byIds(sensors.map(({ endpointId }) => endpointId));
  const byId = new Map<string, Endpoint>(endpoints.map((endpoint) => [endpoint.id, endpoint]));
  return sensors.flatMap(({ endpointId, state, message, task }) => {
    const endpoint = byId.get(endpointId);
    const files = (task && byTask.get(task.id)) ?? [];
    return endpoint === undefined
      ? []
      : [
          {
            sensorId: sensorId(view.serverId, endpoint),
            pylumId: pylumId(endpoint),
            machineName: endpoint.hostName,
            status: state,
            message,
            files: files.map((each) =>
              showFound(
                each,
                each.fileGuid !== null && known.has(each.fileGuid) ? spellGuid(view.policy, each.fileGuid) : null,
              ),
            ),
          },
        ];
  });
}

function showFound({ path, size, sha256, details }: FileOutcome, guid: string | null): FoundFile {
  const shown = path === null ? '' : displayPath(path);
  return {
    fileName: path === null ? '' : fileName(path),
    folder: foldersOf(shown)[0] ?? '',
    path: shown,
    size: size ?? 0,
    modificationTime: Number(BigInt(details.modifiedNs ?? '0') / 1_000_000n),
    sha256: sha256 ?? '',
    guid,
  };
}

/** As `start-file-search` wrote them. */
function conditionsOf(stored: Json | undefined): readonly FileCondition[] {
  const list = Array.isArray(stored) ? (stored as readonly Json[]) : [];
  return list.flatMap((each) => {
    const { field, operator, values } = each as Readonly<Record<string, Json>>;
    const known = searchedFields.find((name) => name === field);
    return known !== undefined && typeof operator === 'string' && isOperator(operator) && Array.isArray(values)
      ? [{ field: known, operator, values: (values as readonly Json[]).map(String) }]
      : [];
  });
}
