import type { Json } from '#core/custody/event.ts';
import { displayPath, fileName } from '#core/file/file-path.ts';
import type { Sha256 } from '#core/file/hash.ts';
import type { Alert } from '#core/incident/alert.ts';
import type { Incident } from '#core/incident/incident.ts';
import type { Reader } from '#core/ports/store/store.ts';
import type { Milliseconds } from '#core/time.ts';
import { filesOf } from '#core/verbs/incident-files.ts';

const mostArtifacts = 1_000;

interface FileArtifact {
  readonly name: string;
  readonly isProcess: boolean;
}

/** The contents that an incident is about, each once: what was observed, and what alerts name. */
export async function fileArtifacts(
  reader: Reader,
  {
    incident,
    alerts,
    now,
  }: { readonly incident: Incident; readonly alerts: readonly Alert[]; readonly now: Milliseconds },
): Promise<Json> {
  const programs = await reader.incidents.firstProcesses([incident.id], mostArtifacts);
  const running = new Set(programs.get(incident.id)?.items.map((program) => program.displayPath));
  const found = new Map<Sha256, FileArtifact>();
  for (const { sha256, path } of await filesOf(reader, [incident.id])) {
    if (sha256 !== null && !found.has(sha256)) {
      found.set(sha256, { name: fileName(path), isProcess: running.has(displayPath(path)) });
    }
  }
  for (const { sha256, filePath } of alerts) {
    if (sha256 !== null && !found.has(sha256)) {
      found.set(sha256, { name: filePath.split(/[\\/]/).at(-1) ?? '', isProcess: false });
    }
  }
  const shown = [...found].slice(0, mostArtifacts);
  const listed = await reader.hashLists.byHashes(shown.map(([sha256]) => sha256));
  const blocked = new Set(listed.filter((entry) => isBlocked(entry, now)).map(({ hash }) => String(hash)));
  const data = shown.map(([sha256, { name, isProcess }]) => ({
    type: 'HASH',
    alert_count: alerts.filter((alert) => alert.sha256 === sha256).length,
    is_manual: false,
    is_malicious: blocked.has(sha256),
    is_process: isProcess,
    file_name: name,
    file_sha256: sha256,
    file_signature_status: 'SIGNATURE_UNAVAILABLE',
    file_signature_vendor_name: null,
    file_wildfire_verdict: 'UNKNOWN',
  }));
  return { total_count: found.size, data };
}

/** The addresses that alerts name, each once. */
export function networkArtifacts(alerts: readonly Alert[]): Json {
  const remote = Map.groupBy(
    alerts.filter(({ remoteAddress }) => remoteAddress !== ''),
    ({ remoteAddress, remotePort }) => `${remoteAddress} ${remotePort ?? ''}`,
  );
  const data = [...remote.values()].map((group) => ({
    type: 'IP',
    alert_count: group.length,
    is_manual: false,
    network_domain: null,
    network_remote_ip: group[0]?.remoteAddress ?? '',
    network_remote_port: group[0]?.remotePort ?? null,
    network_country: null,
  }));
  return { total_count: data.length, data };
}

function isBlocked(
  { list, expiresAt }: { readonly list: string; readonly expiresAt: Milliseconds | null },
  now: Milliseconds,
): boolean {
  return list === 'block' && (expiresAt === null || expiresAt > now);
}
