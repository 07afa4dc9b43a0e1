import type { ArchiveEntry } from '#core/ports/archiver.ts';
import type { Ports } from '#core/ports/ports.ts';
import { delivering, openEvidence } from '#core/verbs/deliver-evidence.ts';
import { type FetchedFile, fetchedFiles } from '#core/verbs/fetched-files.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { archiveNames } from '../archive-names.ts';
import { demandSensorAction } from '../sensors/demand-sensor-action.ts';
import { describeSensorActions } from '../sensors/describe-sensor-actions.ts';
import { isOpen } from '../sensors/sensor-stats.ts';

/**
 * `GET /rest/sensors/action/download-logs/{batchID}`: an empty body until every sensor has sent its logs or cannot, and then a ZIP of
 * those that came. Without any the body stays empty; `allActions` tells why.
 */
export const downloadSensorLogs: GuardedOperation = {
  method: 'GET',
  paths: ['/rest/sensors/action/download-logs/:batchID'],
  access: { permission: 'endpoints.manage', licence: [] },
  async run({ ports, principal, parameters, connection }) {
    const { batchNumber, actionId } = await demandSensorAction(ports, parameters['batchID'] ?? '');
    const { order, ready } = await ports.store.read(async (reader) => {
      const action = await reader.sensorActions.byNumber(batchNumber);
      const [described] = await describeSensorActions(reader, action === undefined ? [] : [action], ports.clock.now());
      const sensors = described?.sensors ?? [];
      return {
        order: actionId === null ? undefined : await reader.actions.byId(actionId),
        ready: sensors.every(({ state }) => !isOpen(state)),
      };
    });
    if (!ready || order?.verb !== 'logs') {
      return new Response('', { headers: { 'content-type': 'application/octet-stream' } });
    }
    const files = (await fetchedFiles(ports, [order])).filter((file) => file.outcome?.outcome === 'done');
    if (files.length === 0) {
      return new Response('', { headers: { 'content-type': 'application/octet-stream' } });
    }
    const delivery = { principal, remoteAddress: connection.remoteAddress, files };
    return new Response(delivering(ports, delivery, ports.archiver.zip(entriesOf(ports, files))), {
      headers: {
        'content-type': 'application/zip',
        'content-disposition': `attachment; filename="sensor_logs_${batchNumber}.zip"`,
        'content-security-policy': "sandbox; default-src 'none'",
        'cross-origin-resource-policy': 'same-origin',
      },
    });
  },
};

function entriesOf(ports: Pick<Ports, 'blobs'>, files: readonly FetchedFile[]): readonly ArchiveEntry[] {
  const names = archiveNames(
    files.map(({ task, endpoint, outcome, name }) => ({
      endpointId: task.endpointId,
      machineName: endpoint?.hostName ?? task.endpointId,
      displayPath: outcome?.displayPath ?? name,
    })),
  );
  return files.map((file, index) => ({
    name: names[index] ?? String(index),
    modifiedAt: file.outcome?.endedAt ?? file.action.createdAt,
    ...(file.outcome === undefined || file.outcome.size === null ? {} : { size: file.outcome.size }),
    open: () => openEvidence(ports, file),
  }));
}
