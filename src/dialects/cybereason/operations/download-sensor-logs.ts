import type { FleetAction } from '#core/endpoint/fleet-action.ts';
import { Fault } from '#core/fault.ts';
import type { ArchiveEntry } from '#core/ports/archiver.ts';
import type { Ports } from '#core/ports/ports.ts';
import { delivering, demandEvidence, openEvidence } from '#core/verbs/deliver-evidence.ts';
import { fetchedFiles } from '#core/verbs/fetched-files.ts';
import { demandAnyKept, lossNote, type PartedFiles, partLost } from '#core/verbs/lost-evidence.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { archiveNames } from '../archive-names.ts';
import { isFinal } from '../sensors/action-state.ts';
import { sensorBatch } from '../sensors/sensor-batch.ts';
import { type SensorOfAction, sensorsOfAction } from '../sensors/sensors-of-action.ts';

/** Clients look every two seconds whether there is anything in the body. */
const notReady = () => new Response(null, { status: 200 });

/**
 * `GET /rest/sensors/action/download-logs/{batchId}`: an empty body until the logs are there, then a ZIP of them. Sensors that
 * are away do not keep the others waiting: a text in the ZIP names those whose logs are not in it, and why. 500 when every
 * sensor has failed, because there will never be anything.
 */
export const downloadSensorLogs: GuardedOperation = {
  method: 'GET',
  paths: ['/rest/sensors/action/download-logs/:batchId'],
  access: { permission: 'endpoints.manage', licence: [] },
  async run({ ports, principal, parameters, connection }) {
    const batch = await sensorBatch(ports, parameters['batchId']);
    const { fetched, sensors, isReady } = await logsOf(ports, batch);
    if (!isReady) {
      return notReady();
    }
    demandAnyKept(fetched);
    const files = fetched.kept;
    if (files.length === 0) {
      throw new Fault('not_found', `No sensor could send its logs: ${sensors[0]?.message ?? ''}`, {
        details: { what: 'batch' },
      });
    }
    await demandEvidence(ports, files);
    const delivery = { principal, remoteAddress: connection.remoteAddress, files };
    const archive = ports.archiver.zip([...entriesOf(ports, fetched), ...missing(batch, sensors)]);
    return new Response(delivering(ports, delivery, archive), {
      headers: {
        'content-type': 'application/zip',
        'content-disposition': `attachment; filename="sensor_logs_${batch.batchNumber}.zip"`,
        'content-security-policy': "sandbox; default-src 'none'",
        'cross-origin-resource-policy': 'same-origin',
      },
    });
  },
};

interface Logs {
  readonly fetched: PartedFiles;
  /** Those without any. */
  readonly sensors: readonly (SensorOfAction & { readonly machineName: string })[];
  readonly isReady: boolean;
}

async function logsOf(ports: Pick<Ports, 'store' | 'clock'>, batch: FleetAction): Promise<Logs> {
  const { actionId, kind } = batch;
  if (actionId === null || kind !== 'logs') {
    throw new Fault('not_found', `UNKNOWN BATCH: sensor action ${batch.batchNumber} fetches no logs.`, {
      details: { what: 'sensor_batch' },
    });
  }
  const now = ports.clock.now();
  const { action, all, endpoints } = await ports.store.read(async (reader) => {
    const sensors = await sensorsOfAction(reader, batch, now);
    const ids = sensors.map(({ endpointId }) => endpointId);
    return { action: await reader.actions.byId(actionId), all: sensors, endpoints: await reader.endpoints.byIds(ids) };
  });
  const files = action === undefined ? [] : await fetchedFiles(ports, [action]);
  const byId = new Map<string, (typeof endpoints)[number]>(endpoints.map((endpoint) => [endpoint.id, endpoint]));
  const isHere = (id: string) => (byId.get(id)?.connectedUntil ?? 0) > now;
  const open = all.filter(({ state }) => !isFinal(state));
  const done = files.filter(({ outcome }) => outcome?.outcome === 'done');
  const sent = new Set<string>(done.map(({ task }) => task.endpointId));
  return {
    fetched: partLost(done),
    sensors: all
      .filter(({ endpointId }) => !sent.has(endpointId))
      .map((sensor) => ({ ...sensor, machineName: byId.get(sensor.endpointId)?.hostName ?? sensor.endpointId })),
    isReady: open.length === 0 || (done.length > 0 && !open.some(({ endpointId }) => isHere(endpointId))),
  };
}

type EvidencePorts = Pick<Ports, 'blobs' | 'store' | 'clock' | 'log'>;

function entriesOf(ports: EvidencePorts, { kept, lost }: PartedFiles): readonly ArchiveEntry[] {
  const names = archiveNames(
    kept.map(({ task, endpoint, name }) => ({
      endpointId: task.endpointId,
      machineName: endpoint?.hostName ?? task.endpointId,
      displayPath: name,
    })),
  );
  const entries = kept.map(
    (file, index): ArchiveEntry => ({
      name: names[index] ?? String(index),
      modifiedAt: file.outcome?.endedAt ?? file.action.createdAt,
      ...(file.outcome === undefined || file.outcome.size === null ? {} : { size: file.outcome.size }),
      open: () => openEvidence(ports, file),
    }),
  );
  return [...entries, ...lossNote(lost, { modifiedAt: ports.clock.now(), taken: names })];
}

/** Nobody shall take the logs of some for those of all. */
function missing(batch: FleetAction, sensors: Logs['sensors']): readonly ArchiveEntry[] {
  if (sensors.length === 0) {
    return [];
  }
  const lines = sensors.map(
    ({ machineName, state, message }) => `${oneLine(machineName)}: ${state} ${oneLine(message)}`,
  );
  const bytes = new TextEncoder().encode(`The logs of these sensors are not in this archive:\n${lines.join('\n')}\n`);
  return [
    {
      name: 'logs-not-included.txt',
      modifiedAt: batch.createdAt,
      size: bytes.length,
      open: async () => new Blob([bytes]).stream(),
    },
  ];
}

function oneLine(text: string): string {
  return text.toWellFormed().replaceAll(/[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu, ' ');
}
