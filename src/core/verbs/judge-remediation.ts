import type { Endpoint } from '../endpoint/endpoint.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import type { FilePath } from '../file/file-path.ts';
import { type Guid, isMachineGuid } from '../file/guid.ts';
import type { Sha256 } from '../file/hash.ts';
import type { VaultObjectId } from '../file/vault-object-id.ts';
import { type FileHashes, hashesOf, readHash } from '../list/judge.ts';
import type { Remedy, RowFailure } from '../remediation/remediation.ts';
import { type IncidentFile, isReplaced, mayBeTaken } from './incident-files.ts';
import { type AskedRow, guidsIn, type KnownTargets } from './remediation-targets.ts';

/** What is to become of a row, as far as it can be said without the lists of hashes. */
export type Verdict =
  | { readonly kind: 'quarantine'; readonly endpointId: EndpointId; readonly path: FilePath; readonly sha256: Sha256 }
  | {
      readonly kind: 'restore';
      readonly endpointId: EndpointId;
      readonly sha256: Sha256;
      readonly vaultObject: VaultObjectId;
      /** What is known of the content's hashes. */
      readonly hashes: readonly string[];
    }
  | { readonly kind: 'block'; readonly hash: string; readonly hashes: readonly string[] }
  | { readonly kind: 'failed'; readonly failure: RowFailure; readonly message: string };

export interface JudgedRow {
  readonly machine: string;
  readonly target: string;
  readonly actionType: string;
  readonly verdict: Verdict;
}

/** One row, or one for each file of the incident where the request names none. */
export function judgeRow(row: AskedRow, known: KnownTargets): readonly JudgedRow[] {
  const machine = guidsIn(row.machine)[0] ?? row.machine;
  const place = { machine, actionType: row.actionType };
  if (row.target !== null) {
    const target = guidsIn(row.target)[0] ?? row.target;
    return [{ ...place, target, verdict: judge(row, row.target.trim(), known) }];
  }
  const targets = row.remedy === null ? [] : incidentTargets(row.remedy, machine, known);
  if (targets.length > 0) {
    return targets.map((target) => ({ ...place, target, verdict: judge(row, target, known) }));
  }
  return [{ ...place, target: '', verdict: row.remedy === null ? unsupported(row) : nothingNamed(row.remedy, known) }];
}

/** A file that has other bytes now is named too, so that its row says so. */
function incidentTargets(remedy: Remedy, machine: string, known: KnownTargets): readonly Guid[] {
  const endpoint = known.machines.get(machine as Guid);
  const files = known.incidentFiles.filter((file) => file.endpoint.id === endpoint?.id);
  return remedy === 'restore'
    ? files.flatMap(({ held }) => held.map(({ guid }) => guid))
    : files.filter((file) => mayBeTaken(file) || isReplaced(file)).map(({ guid }) => guid);
}

function nothingNamed(remedy: Remedy, { incident }: KnownTargets): Verdict {
  if (incident === undefined) {
    return invalid('The target is missing: name the GUID of a file, or an incident (MalOp) that is known.');
  }
  return invalid(
    remedy === 'restore'
      ? 'The vault of this machine holds no file of the incident.'
      : 'The incident has no file on this machine that is known by its hash and not quarantined.',
  );
}

function judge(row: AskedRow, target: string, known: KnownTargets): Verdict {
  if (row.remedy === null) {
    return unsupported(row);
  }
  const endpoint = known.machines.get(guidsIn(row.machine)[0] ?? ('' as Guid));
  if (endpoint === undefined) {
    return invalid(`There is no machine with the GUID ${shown(row.machine)}.`);
  }
  if (row.remedy === 'block') {
    return judgeBlock(target, endpoint, known);
  }
  if (endpoint.revokedAt !== null) {
    return invalid(`The machine ${endpoint.hostName} was removed: it takes no orders any more.`);
  }
  const [guid] = guidsIn(target);
  if (guid === undefined) {
    return invalid(`${shown(target)} is no GUID of a file.`);
  }
  const named = { guid, text: target };
  return row.remedy === 'quarantine' ? judgeQuarantine(named, endpoint, known) : judgeRestore(named, endpoint, known);
}

/** A GUID, and how the request spells it. */
interface Named {
  readonly guid: Guid;
  readonly text: string;
}

function judgeQuarantine(named: Named, endpoint: Endpoint, known: KnownTargets): Verdict {
  if (known.held.has(named.guid)) {
    return invalid(`${named.text} is the GUID of a QuarantineFile: that file is quarantined already.`);
  }
  const file = fileOf(named, endpoint, known);
  if ('kind' in file) {
    return file;
  }
  return { kind: 'quarantine', endpointId: endpoint.id, path: file.path, sha256: file.sha256 };
}

function judgeRestore({ guid, text }: Named, endpoint: Endpoint, known: KnownTargets): Verdict {
  const record = known.held.get(guid);
  if (record === undefined) {
    return invalid(
      known.files.has(guid) || known.heldFiles.has(guid)
        ? `${text} is the GUID of a File. To restore it, name the GUID of the QuarantineFile, which a query for QuarantineFile elements gives.`
        : `No vault holds a file with the GUID ${text}: it is unknown, or was restored or deleted before.`,
    );
  }
  if (record.endpointId !== endpoint.id) {
    return elsewhere(text, endpoint);
  }
  const { endpointId, sha256, vaultObject } = record;
  const file = known.files.get(record.fileGuid);
  const hashes = file?.sha256 === sha256 ? hashesOf(file) : [sha256];
  return { kind: 'restore', endpointId, sha256, vaultObject, hashes };
}

/** By a hash, by the GUID of a file, or by that of a quarantined one. */
function judgeBlock(target: string, endpoint: Endpoint, known: KnownTargets): Verdict {
  const read = readHash(target);
  if (read !== undefined) {
    return { kind: 'block', hash: read.hash, hashes: [read.hash] };
  }
  const [guid] = guidsIn(target);
  if (guid === undefined) {
    return invalid(`${shown(target)} is neither a GUID of a file nor a SHA-256, SHA-1 or MD5.`);
  }
  const record = known.held.get(guid);
  if (record !== undefined) {
    return record.endpointId === endpoint.id
      ? { kind: 'block', hash: record.sha256, hashes: [record.sha256] }
      : elsewhere(target, endpoint);
  }
  const file = fileOf({ guid, text: target }, endpoint, known);
  if ('kind' in file) {
    return file;
  }
  return {
    kind: 'block',
    hash: file.sha256,
    hashes: file.hashes === undefined ? [file.sha256] : hashesOf(file.hashes),
  };
}

interface NamedFile {
  readonly path: FilePath;
  readonly sha256: Sha256;
  readonly hashes: FileHashes | undefined;
}

function fileOf({ guid, text }: Named, endpoint: Endpoint, known: KnownTargets): NamedFile | Verdict {
  const observed = known.incidentFiles.find((file) => file.guid === guid);
  const record = known.files.get(guid);
  const owner = record?.endpointId ?? observed?.endpoint.id;
  if (owner === undefined) {
    return invalid(
      isMachineGuid(guid)
        ? `${text} is the GUID of a machine: name that of a file.`
        : `No agent has reported a file with the GUID ${text}.`,
    );
  }
  if (owner !== endpoint.id) {
    return elsewhere(text, endpoint);
  }
  if (observed?.isAnother === true) {
    return invalid(
      `The file ${text} has other bytes now than those that the incident is about. To act on what is there now, name no incident.`,
    );
  }
  return namedFile(text, record, observed);
}

function namedFile(
  text: string,
  record: (FileHashes & Pick<NamedFile, 'path' | 'sha256'>) | undefined,
  observed: IncidentFile | undefined,
): NamedFile | Verdict {
  if (record !== undefined) {
    return { path: record.path, sha256: record.sha256, hashes: record };
  }
  if (observed === undefined || observed.sha256 === null) {
    return invalid(`No agent has reported the file ${text}, and the incident does not tell its hash.`);
  }
  return { path: observed.path, sha256: observed.sha256, hashes: undefined };
}

function unsupported({ actionType }: AskedRow): Verdict {
  const message = `The action type ${shown(actionType)} is not supported: Custody quarantines, restores and blocks files, and does nothing else to a machine.`;
  return { kind: 'failed', failure: 'unsupported', message };
}

function elsewhere(text: string, { hostName }: Endpoint): Verdict {
  return invalid(`The file ${text} is not on the machine ${hostName}.`);
}

function invalid(message: string): Verdict {
  return { kind: 'failed', failure: 'invalid_target', message };
}

function shown(text: string): string {
  return text.slice(0, 60);
}
