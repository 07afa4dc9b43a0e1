import type { z } from 'zod';
import type { Alert } from '#core/incident/alert.ts';
import type { AlertFilter } from '#core/ports/store/alerts.ts';
import { type ReportedAlert, reportAlerts } from '#core/verbs/report-alerts.ts';
import { instantOf } from '../instant.ts';
import { guarded, type NativeOperation } from '../operation.ts';
import { listAlerts, reportAlerts as reportContract } from '../schemas/alert.ts';
import type { CheckedInput } from '../schemas/contract.ts';

/** What other systems detected. */
export const alertOperations: readonly NativeOperation[] = [
  guarded(listAlerts, { permission: 'incidents.read', licence: [] }, async ({ query }, { ports }) => {
    const { order: by, direction, offset, limit } = query;
    const { items, total } = await ports.store.read(
      ({ alerts }) => alerts.list(filterOf(query), { by, direction }, { offset, limit }),
      { search: true },
    );
    return { items: items.map(show), total };
  }),
  guarded(reportContract, { permission: 'incidents.manage', licence: [] }, async ({ body }, { ports, principal }) => {
    await reportAlerts(ports, { origin: { principal, dialect: 'native' }, alerts: body.alerts.map(reported) });
    return undefined;
  }),
];

function filterOf(query: CheckedInput<typeof listAlerts>['query']): AlertFilter {
  const { id, incidentId, source, severity, externalId } = query;
  const time = (text: string | undefined) => (text === undefined ? undefined : Date.parse(text));
  return {
    ...(id && { ids: id }),
    ...(incidentId && { incidentIds: incidentId }),
    ...(source && { sources: source }),
    ...(severity && { severities: severity }),
    ...(externalId && { externalIds: externalId }),
    detectedFrom: time(query.detectedFrom),
    detectedTo: time(query.detectedTo),
    receivedFrom: time(query.receivedFrom),
    receivedTo: time(query.receivedTo),
  };
}

function reported(alert: CheckedInput<typeof reportContract>['body']['alerts'][number]): ReportedAlert {
  const { detectedAt, externalId = null, sha256 = null, ...same } = alert;
  return { ...same, externalId, sha256, detectedAt: detectedAt === undefined ? null : Date.parse(detectedAt) };
}

function show(alert: Alert): z.input<typeof listAlerts.reply>['items'][number] {
  const { fingerprint: _fingerprint, likeness: _likeness, detectedAt, receivedAt, ...same } = alert;
  return { ...same, detectedAt: instantOf(detectedAt), receivedAt: instantOf(receivedAt) };
}
