import type { GuardedOperation } from '../../dialect.ts';
import { csvRow } from '../csv.ts';
import { replyJson } from '../reply.ts';
import { demandSensorAction } from '../sensors/demand-sensor-action.ts';
import { searchResults } from '../sensors/search-results.ts';

const access = { permission: 'files.search', licence: [] } as const;
const columns = ['machineName', 'fileName', 'path', 'size', 'modifiedTime', 'sha256String', 'elementGuid'] as const;

/** What a live file search has found so far. The vendor's routes for this are not known; these are our own. */
export const readFileSearchOperations: readonly GuardedOperation[] = [
  {
    method: 'GET',
    paths: ['/rest/sensors/action/fileSearch/results/:batchID'],
    access,
    async run({ ports, parameters }) {
      const action = await demandSensorAction(ports, parameters['batchID'] ?? '');
      const { finalState, sensors, results } = await searchResults(ports, action);
      return replyJson({ batchId: action.batchNumber, finalState, sensors, results, totalResults: results.length });
    },
  },
  {
    method: 'GET',
    paths: ['/rest/sensors/action/fileSearch/results/:batchID/csv'],
    access,
    async run({ ports, parameters }) {
      const action = await demandSensorAction(ports, parameters['batchID'] ?? '');
      const { results } = await searchResults(ports, action);
      const rows = results.map((hit) => csvRow(columns.map((column) => String(hit[column]))));
      return new Response([csvRow(columns), ...rows].join(''), {
        headers: {
          'content-type': 'text/csv',
          'content-disposition': `attachment; filename="file_search_${action.batchNumber}.csv"`,
        },
      });
    },
  },
];
