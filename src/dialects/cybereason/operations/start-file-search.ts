import { day } from '#core/time.ts';
import { searchFleet } from '#core/verbs/search-fleet.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { readJsonIfAny } from '../json-body.ts';
import { replyJson } from '../reply.ts';
import { type FileSearchRequest, readFileSearch } from '../sensors/file-search-request.ts';
import { filesPerSensor, planSearch } from '../sensors/search-plan.ts';
import { type ActionFacts, showOne } from '../sensors/sensor-action.ts';
import { openView } from '../sensors/sensor-view.ts';
import { targetsOf } from '../sensors/targets.ts';

/** As long as the vendor's searches wait for sensors that are away (R7 help). */
const lifetime = 3 * day;

/**
 * `POST /rest/sensors/action/fileSearch`: has sensors look for files on their disks now. Agents are asked for every file that
 * may meet the conditions, and the server leaves out the others when results are read.
 */
export const startFileSearch: GuardedOperation = {
  method: 'POST',
  paths: ['/rest/sensors/action/fileSearch'],
  access: { permission: 'files.search', licence: [] },
  async run({ request, ports, principal }) {
    const asked = readFileSearch(await readJsonIfAny(request));
    const plan = planSearch(asked.conditions);
    const { endpointIds, unknown } = await ports.store.read(async (reader) =>
      targetsOf(reader, await openView(ports, reader), asked.named),
    );
    if (endpointIds.length === 0) {
      return new Response(null, { status: 204 });
    }
    const facts = {
      actionArguments: argumentsOf(asked),
      unknown,
      fileFilters: asked.conditions.map(({ field, operator, values }) => ({ field, operator, values: [...values] })),
    } satisfies ActionFacts;
    const origin = { principal, dialect: 'cybereason' } as const;
    const search = { origin, endpointIds, live: true, lifetime, ...plan, under: plan.under ?? undefined };
    const action = await searchFleet(ports, { principal, name: 'fileSearch', facts }, search);
    return replyJson(await showOne(ports, action));
  },
};

/** In the vendor's shape; what there is no such limit for here is 0. */
function argumentsOf({ fileFilters }: FileSearchRequest) {
  return {
    '@class': 'com.cybereason.configuration.models.filesearch.FileSearchParameters',
    filters: fileFilters.map(({ fieldName, operator, values }) => ({ fieldName, operator, values: [...values] })),
    machines: [],
    fileSearchRequestConfiguration: {
      maxResults: filesPerSensor,
      maxConcurrentFileSearches: 1,
      maxReadBytesPerFile: 0,
      searchTimeoutSec: 600,
      searchTimeoutDataScanSec: 0,
      maxYaraTimeouts: 0,
      timoutPerFileScan: 0,
      targetCpuPercentage: 0,
      cpuSampleRateMillis: 0,
      dataReadChunkSize: 0,
      minFileReadPriceMilli: 0,
      minThrottleAmountMilli: 0,
      shouldUseNewAPI: false,
    },
  };
}
