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

type Rooms<All> = { readonly [Name in keyof All]: (session: Session) => All[Name] };

const readers: Rooms<Reader> = {
  endpoints: endpointReader,
  files: fileReader,
  actions: actionReader,
  tasks: taskReader,
  approvals: approvalReader,
  rollouts: rolloutReader,
  outcomes: outcomeReader,
  quarantine: quarantineReader,
  evidence: evidenceReader,
  credentials: credentialReader,
  machines: machineReader,
  uploadClaims: uploadClaimReader,
  hashLists: hashListReader,
  incidents: incidentReader,
  alerts: alertReader,
  idempotency: idempotencyReader,
  remediations: remediationReader,
  fleetActions: fleetActionReader,
  settings: settingReader,
  feeds: feedReader,
  events: eventReader,
  ledger: ledgerReader,
};

const writers: Rooms<Transaction> = {
  endpoints: endpointWriter,
  files: fileWriter,
  actions: actionWriter,
  tasks: taskWriter,
  approvals: approvalWriter,
  rollouts: rolloutWriter,
  outcomes: outcomeWriter,
  quarantine: quarantineWriter,
  evidence: evidenceWriter,
  credentials: credentialWriter,
  machines: machineWriter,
  uploadClaims: uploadClaimWriter,
  hashLists: hashListWriter,
  incidents: incidentWriter,
  alerts: alertWriter,
  idempotency: idempotencyWriter,
  remediations: remediationWriter,
  fleetActions: fleetActionWriter,
  settings: settingWriter,
  feeds: feedWriter,
  events: eventWriter,
  ledger: ledgerWriter,
};

export function readerOf(session: Session): Reader {
  return entered(readers, session);
}

export function transactionOf(session: Session): Transaction {
  return entered(writers, session);
}

/** Each room is made when it is entered: most transactions enter two or three. */
function entered<All extends object>(rooms: Rooms<All>, session: Session): All {
  const made: Partial<All> = {};
  for (const name of Object.keys(rooms) as (keyof All)[]) {
    const get = () => {
      const value = rooms[name](session);
      Object.defineProperty(made, name, { value, enumerable: true });
      return value;
    };
    Object.defineProperty(made, name, { get, enumerable: true, configurable: true });
  }
  // `rooms` is total over the names.
  return made as All;
}
