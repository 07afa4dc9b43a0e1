import { orderFromSensors } from '#core/verbs/order-from-sensors.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { readJson } from '../json-body.ts';
import { agentSearchOf, readFileSearch } from '../sensors/file-search.ts';
import { findSensors } from '../sensors/find-sensors.ts';
import { replySensorAction } from '../sensors/run-sensor-action.ts';
import { readSensorFilters, wrong } from '../sensors/sensor-request.ts';

/** What the vendor's recorded answers hold; of these only the number of results means something here. */
const searchConfiguration = {
  maxConcurrentFileSearches: 10,
  maxReadBytesPerFile: 110_100_480,
  maxYaraTimeouts: 10,
  searchTimeoutDataScanSec: 200_000,
  searchTimeoutSec: 1_200,
  targetCpuPercentage: 20,
  timoutPerFileScan: 9,
};

/** `POST /rest/sensors/action/fileSearch`: has agents look for files on their disks now. */
export const searchFilesOnSensors: GuardedOperation = {
  method: 'POST',
  paths: ['/rest/sensors/action/fileSearch'],
  access: { permission: 'files.search', licence: [] },
  async run({ request, ports, principal }) {
    const body = await readJson(request);
    if (typeof body !== 'object' || body === null || Array.isArray(body)) {
      throw wrong('body', 'must be an object with filters and fileFilters');
    }
    const fields = Object.fromEntries(Object.entries(body));
    const asked = readFileSearch(fields);
    const given = fields['filters'] ?? [];
    const machines = asked.filters.filter(({ field }) => field === 'machine');
    const filters = [
      ...readSensorFilters(Array.isArray(given) ? given : [given]),
      ...machines.map(({ operator, values }) => ({ fieldName: 'machineName', operator, values })),
    ];
    const chosen = await ports.store.read((reader) => findSensors(reader, ports, filters), { search: true });
    if (chosen.length === 0) {
      return new Response(null, { status: 204 });
    }
    const { pattern, limit } = agentSearchOf(asked);
    const action = await orderFromSensors(ports, {
      ...{ principal, kind: 'FileSearchStart', endpointIds: chosen.map(({ endpoint }) => endpoint.id) },
      argumentsJson: JSON.stringify({
        '@class': 'com.cybereason.configuration.models.filesearch.FileSearchParameters',
        fileSearchRequestConfiguration: { ...searchConfiguration, maxResults: asked.maxResults },
        filters: asked.filters.map(({ fieldName, operator, values }) => ({ fieldName, operator, values })),
        machines: [],
      }),
      order: { verb: 'search', pattern, limit },
    });
    return replySensorAction(ports, action);
  },
};
