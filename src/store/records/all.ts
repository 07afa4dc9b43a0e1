import type { Reader, Transaction } from '#core/ports/store/store.ts';
import type { Session } from '../session.ts';
import { actionReader, actionWriter } from './actions.ts';
import { alertReader, alertWriter } from './alerts.ts';
import { approvalReader, approvalWriter } from './approvals.ts';
import { credentialReader, credentialWriter } from './credentials.ts';
import { endpointReader, endpointWriter } from './endpoints.ts';
import { eventReader, eventWriter } from './events.ts';
import { evidenceReader, evidenceWriter } from './evidence.ts';
import { feedReader, feedWriter } from './feeds.ts';
import { fileReader, fileWriter } from './files.ts';
import { fleetActionReader, fleetActionWriter } from './fleet-actions.ts';
import { hashListReader, hashListWriter } from './hash-lists.ts';
import { idempotencyReader, idempotencyWriter } from './idempotency.ts';
import { incidentReader, incidentWriter } from './incidents.ts';
import { ledgerReader, ledgerWriter } from './ledger.ts';
import { machineReader, machineWriter } from './machines.ts';
import { outcomeReader, outcomeWriter } from './outcomes.ts';
import { quarantineReader, quarantineWriter } from './quarantine.ts';
import { remediationReader, remediationWriter } from './remediations.ts';
import { rolloutReader, rolloutWriter } from './rollouts.ts';
import { settingReader, settingWriter } from './settings.ts';
import { taskReader, taskWriter } from './tasks.ts';
import { uploadClaimReader, uploadClaimWriter } from './upload-claims.ts';

export function readerOf(session: Session): Reader {
  return {
    endpoints: endpointReader(session),
    files: fileReader(session),
    actions: actionReader(session),
    tasks: taskReader(session),
    approvals: approvalReader(session),
    rollouts: rolloutReader(session),
    outcomes: outcomeReader(session),
    quarantine: quarantineReader(session),
    evidence: evidenceReader(session),
    credentials: credentialReader(session),
    machines: machineReader(session),
    uploadClaims: uploadClaimReader(session),
    hashLists: hashListReader(session),
    incidents: incidentReader(session),
    alerts: alertReader(session),
    idempotency: idempotencyReader(session),
    remediations: remediationReader(session),
    fleetActions: fleetActionReader(session),
    settings: settingReader(session),
    feeds: feedReader(session),
    events: eventReader(session),
    ledger: ledgerReader(session),
  };
}

export function transactionOf(session: Session): Transaction {
  return {
    endpoints: endpointWriter(session),
    files: fileWriter(session),
    actions: actionWriter(session),
    tasks: taskWriter(session),
    approvals: approvalWriter(session),
    rollouts: rolloutWriter(session),
    outcomes: outcomeWriter(session),
    quarantine: quarantineWriter(session),
    evidence: evidenceWriter(session),
    credentials: credentialWriter(session),
    machines: machineWriter(session),
    uploadClaims: uploadClaimWriter(session),
    hashLists: hashListWriter(session),
    incidents: incidentWriter(session),
    alerts: alertWriter(session),
    idempotency: idempotencyWriter(session),
    remediations: remediationWriter(session),
    fleetActions: fleetActionWriter(session),
    settings: settingWriter(session),
    feeds: feedWriter(session),
    events: eventWriter(session),
    ledger: ledgerWriter(session),
  };
}
