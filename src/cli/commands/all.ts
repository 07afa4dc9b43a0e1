import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { addAccessCommands } from './access.ts';
import { addActionCommands } from './action.ts';
import { addAgentCommands } from './agent.ts';
import { addAlertCommands } from './alert.ts';
import { addApprovalCommands } from './approvals.ts';
import { addBackupCommands } from './backup.ts';
import { addClockCommands } from './clock.ts';
import { addCompletionCommands } from './completion.ts';
import { addEmergencyStopCommands } from './emergency-stop.ts';
import { addEndpointCommands } from './endpoint.ts';
import { addEventCommands } from './event.ts';
import { addEvidenceCommands } from './evidence.ts';
import { addFetchCommand } from './fetch.ts';
import { addFileCommands } from './file.ts';
import { addHashCommands } from './hash.ts';
import { addIncidentCommands } from './incident.ts';
import { addKeyCommands } from './key.ts';
import { addLedgerCommands } from './ledger.ts';
import { addLifetimeCommands } from './lifetime.ts';
import { addMetricsCommands } from './metrics.ts';
import { addQuarantineCommand } from './quarantine.ts';
import { addRemediationCommands } from './remediation.ts';
import { addRestoreCommand } from './restore.ts';
import { addRoleCommands } from './role.ts';
import { addScanCommand } from './scan.ts';
import { addSearchCommand } from './search.ts';
import { addServerCommands } from './server.ts';
import { addSignerCommands } from './signer.ts';
import { addTokenCommands } from './token.ts';
import { addUserCommands } from './user.ts';
import { addVaultCommands } from './vault.ts';
import { addWebhookCommands } from './webhook.ts';

/** Every command, in the order in which `--help` lists them. */
export const adders: readonly ((program: Command, context: Context) => void)[] = [
  addServerCommands,
  addAgentCommands,
  addEndpointCommands,
  addFileCommands,
  addSearchCommand,
  addScanCommand,
  addFetchCommand,
  addQuarantineCommand,
  addRestoreCommand,
  addActionCommands,
  addApprovalCommands,
  addEmergencyStopCommands,
  addClockCommands,
  addEvidenceCommands,
  addVaultCommands,
  addHashCommands,
  addIncidentCommands,
  addAlertCommands,
  addRemediationCommands,
  addEventCommands,
  addWebhookCommands,
  addTokenCommands,
  addUserCommands,
  addRoleCommands,
  addKeyCommands,
  addAccessCommands,
  addBackupCommands,
  addSignerCommands,
  addLedgerCommands,
  addLifetimeCommands,
  addMetricsCommands,
  addCompletionCommands,
];
