import type { FleetAction } from '#core/endpoint/fleet-action.ts';
import { Fault } from '#core/fault.ts';
import type { Ports } from '#core/ports/ports.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { replyJson } from '../reply.ts';
import { resultsOf, type SensorResult } from '../sensors/found-files.ts';
import { readListRequest } from '../sensors/list-request.ts';
import { showOne } from '../sensors/sensor-action.ts';
import { sensorBatch } from '../sensors/sensor-batch.ts';
import { openView } from '../sensors/sensor-view.ts';
import { sensorsOfAction } from '../sensors/sensors-of-action.ts';

/** A sensor may have thousands of files. */
const sensorsPerPage = 100;

/**
 * `GET /rest/sensors/action/fileSearch/results/{batchId}`, with `limit` (sensors, at most 100) and `offset` in the query: the
 * search, and of each of its sensors how it ended and what it found. The vendor's own route was not to be had: this one is ours.
 */
export const showFileSearchResults: GuardedOperation = {
  method: 'GET',
  paths: ['/rest/sensors/action/fileSearch/results/:batchId'],
  access: { permission: 'files.search', licence: [] },
  async run({ request, ports, parameters }) {
    const { searchParams } = new URL(request.url);
    const given = { limit: searchParams.get('limit') ?? sensorsPerPage, offset: searchParams.get('offset') ?? 0 };
    const meaning = ports.policy.cybereason.sensorOffset;
    const asked = readListRequest({ ...given, limit: Math.min(Number(given.limit), sensorsPerPage) }, meaning);
    const action = await searchOf(ports, parameters['batchId']);
    // In this order: a search that is said to be over has all that it found in the same answer.
    const shown = await showOne(ports, action);
    const { results, total } = await page(ports, action, asked);
    return replyJson({
      ...shown,
      sensors: results,
      totalResults: total,
      hasMoreResults: asked.offset + results.length < total,
    });
  },
};

const columns = ['machineName', 'sensorId', 'status', 'path', 'size', 'modificationTime', 'sha256', 'guid'] as const;

/** `GET .../results/{batchId}/csv`: the same, all of it, a line for each file and one for each sensor without any. */
export const exportFileSearchResults: GuardedOperation = {
  method: 'GET',
  paths: ['/rest/sensors/action/fileSearch/results/:batchId/csv'],
  access: { permission: 'files.search', licence: [] },
  async run({ ports, parameters }) {
    const action = await searchOf(ports, parameters['batchId']);
    return new Response(streamOf(lines(ports, action)), {
      headers: {
        'content-type': 'text/csv',
        'content-disposition': `attachment; filename="file_search_${action.batchNumber}.csv"`,
      },
    });
  },
};

/** Read no faster than it is taken. */
function streamOf(texts: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await texts.next();
        if (done === true) {
          controller.close();
        } else {
          controller.enqueue(encoder.encode(value));
        }
      },
      async cancel() {
        await texts.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}

async function* lines(ports: Ports, action: FleetAction): AsyncGenerator<string> {
  yield `${columns.join(',')}\r\n`;
  for (let offset = 0; ; offset += sensorsPerPage) {
    const { results, total } = await page(ports, action, { offset, limit: sensorsPerPage });
    for (const result of results) {
      yield linesOf(result);
    }
    if (offset + sensorsPerPage >= total) {
      return;
    }
  }
}

function linesOf({ machineName, sensorId, status, files }: SensorResult): string {
  const rows = files.length === 0 ? [undefined] : files;
  return rows
    .map((file) => [
      machineName,
      sensorId,
      status,
      file?.path,
      file?.size,
      file?.modificationTime,
      file?.sha256,
      file?.guid,
    ])
    .map((cells) => `${cells.map(cell).join(',')}\r\n`)
    .join('');
}

/** Quoted whatever it holds; what a spreadsheet would take for a formula begins with an apostrophe. */
function cell(value: string | number | null | undefined): string {
  const text = String(value ?? '');
  const safe =
    typeof value === 'string' && /^[=+\-@\t\r]/.test(text) && !/^-?\d+\.-?\d+$/.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}

async function searchOf(ports: Ports, text: string | undefined): Promise<FleetAction> {
  const action = await sensorBatch(ports, text);
  if (action.kind !== 'search') {
    throw new Fault('not_found', `UNKNOWN BATCH: sensor action ${action.batchNumber} is no file search.`, {
      details: { what: 'sensor_batch' },
    });
  }
  return action;
}

function page(
  ports: Ports,
  action: FleetAction,
  { offset, limit }: { readonly offset: number; readonly limit: number },
): Promise<{ readonly results: readonly SensorResult[]; readonly total: number }> {
  return ports.store.read(async (reader) => {
    const view = await openView(ports, reader);
    const all = await sensorsOfAction(reader, action, view.now);
    const sensors = all.slice(offset, offset + limit);
    return { results: await resultsOf(reader, view, { action, sensors }), total: all.length };
  });
}
