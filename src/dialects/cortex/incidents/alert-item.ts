import type { Json } from '#core/custody/event.ts';
import type { Alert } from '#core/incident/alert.ts';
import { shownSeverity } from './alert-severity.ts';

type Members = { readonly [key: string]: Json };

/** An alert as the extra data of its incident lists it. */
export function alertItem(alert: Alert): Json {
  return {
    ...facts(alert),
    case_id: Number(alert.incidentId),
    host_ip: textOf(alert.localAddress),
    user_name: textOf(alert.userName),
    event_type: null,
    ...processes,
    ...fileOf(alert),
    action_registry_data: null,
    action_registry_full_key: null,
    action_local_ip: textOf(alert.localAddress),
    action_local_port: alert.localPort,
    action_remote_ip: textOf(alert.remoteAddress),
    action_remote_port: alert.remotePort,
    action_external_hostname: null,
    fw_app_id: null,
  };
}

/** An alert as Get Alerts lists it, with the one event that it is made of. */
export function alertWithEvents(alert: Alert): Json {
  return {
    ...facts(alert),
    case_id: Number(alert.incidentId),
    host_ip: alert.localAddress === '' ? [] : [alert.localAddress],
    matching_status: 'MATCHED',
    agent_device_domain: null,
    agent_fqdn: null,
    agent_os_type: null,
    agent_version: null,
    mac: null,
    mitre_tactic_id_and_name: null,
    mitre_technique_id_and_name: null,
    events: [
      {
        event_timestamp: alert.detectedAt,
        event_type: null,
        user_name: textOf(alert.userName),
        ...processes,
        ...fileOf(alert),
        action_local_ip: textOf(alert.localAddress),
        action_local_port: alert.localPort === null ? null : String(alert.localPort),
        action_remote_ip: textOf(alert.remoteAddress),
        action_remote_port: alert.remotePort === null ? null : String(alert.remotePort),
      },
    ],
  };
}

function facts(alert: Alert): Members {
  return {
    alert_id: alert.id,
    external_id: alert.externalId,
    detection_timestamp: alert.detectedAt,
    local_insert_ts: alert.receivedAt,
    source: alert.source,
    severity: shownSeverity(alert.severity),
    name: alert.name,
    category: textOf(alert.category),
    action: alert.action === '' ? 'DETECTED' : alert.action,
    action_pretty: alert.action === '' ? 'Detected' : alert.action,
    description: alert.description,
    endpoint_id: alert.endpointId,
    host_name: textOf(alert.hostName),
    is_whitelisted: false,
    starred: false,
  };
}

/** Alerts of others tell of no process. */
const processes: Members = {
  actor_process_image_name: null,
  actor_process_command_line: null,
  actor_process_signature_status: 'N/A',
  actor_process_signature_vendor: 'N/A',
  causality_actor_process_image_name: null,
  causality_actor_process_command_line: null,
  causality_actor_process_signature_status: 'N/A',
  causality_actor_process_signature_vendor: 'N/A',
  causality_actor_causality_id: null,
  action_process_image_name: null,
  action_process_image_command_line: null,
  action_process_image_sha256: null,
  action_process_signature_status: 'N/A',
  action_process_signature_vendor: 'N/A',
};

function fileOf({ filePath, sha256 }: Alert): Members {
  return {
    action_file_name: textOf(filePath.split(/[\\/]/).at(-1) ?? ''),
    action_file_path: textOf(filePath),
    action_file_md5: null,
    action_file_sha256: sha256,
  };
}

function textOf(text: string): string | null {
  return text === '' ? null : text;
}
