import { listActions } from '#dialects/native/schemas/action.ts';
import { listAlerts } from '#dialects/native/schemas/alert.ts';
import { listEndpoints } from '#dialects/native/schemas/endpoint.ts';
import { listEvents } from '#dialects/native/schemas/event.ts';
import { fileStates } from '#dialects/native/schemas/file.ts';
import { findListedHashes, listHashes } from '#dialects/native/schemas/hash-list.ts';
import { changeIncident, createIncident } from '#dialects/native/schemas/incident.ts';
import { createKey } from '#dialects/native/schemas/key.ts';
import { restoreFile } from '#dialects/native/schemas/order.ts';
import { listQuarantine } from '#dialects/native/schemas/quarantine.ts';
import { remediate } from '#dialects/native/schemas/remediation.ts';
import { readRestorePlan, runRestorePlan } from '#dialects/native/schemas/restore-plan.ts';
import { createRole } from '#dialects/native/schemas/role.ts';
import { listEvidence } from '#dialects/native/schemas/stored-evidence.ts';
import { builtInRoleName } from '#dialects/native/schemas/values.ts';
import { createWebhook } from '#dialects/native/schemas/webhook.ts';

/** The closed lists of the API, for help texts and menus: read from the schemas, so that they cannot differ. */
export const choices = {
  builtInRoles: builtInRoleName.options,
  permissions: createRole.body.shape.permissions.element.options,
  keyLevels: createKey.body.shape.level.options,
  platforms: listEndpoints.query.shape.platform.unwrap().element.options,
  presences: listEndpoints.query.shape.presence.unwrap().element.options,
  verbs: listActions.query.shape.verb.unwrap().element.options,
  actionStatuses: listActions.query.shape.status.unwrap().element.options,
  eventTypes: listEvents.query.shape.type.unwrap().element.options,
  fileStates,
  quarantineStates: listQuarantine.query.shape.state.unwrap().element.options,
  evidenceStates: listEvidence.query.shape.state.unwrap().element.options,
  hashLists: listHashes.body.shape.list.options,
  listedHashOrders: findListedHashes.query.shape.order.unwrap().options,
  endpointOrders: listEndpoints.query.shape.order.unwrap().options,
  scanStatuses: listEndpoints.query.shape.lastScan.unwrap().element.options,
  alertSeverities: listAlerts.query.shape.severity.unwrap().element.options,
  remedies: remediate.body.shape.rows.element.shape.remedy.options,
  incidentSeverities: createIncident.body.shape.severity.unwrap().options,
  incidentStatuses: changeIncident.body.shape.status.unwrap().options,
  webhookFormats: createWebhook.body.shape.format.unwrap().options,
  eventGroups: createWebhook.body.shape.groups.unwrap().element.options,
  conflictPolicies: runRestorePlan.body.shape.ifOccupied.unwrap().options,
  parentPolicies: runRestorePlan.body.shape.ifParentMissing.unwrap().options,
  restoreFindings: readRestorePlan.query.shape.finding.unwrap().element.options,
  occupiedPolicies: restoreFile.body.shape.ifOccupied.unwrap().options,
};
