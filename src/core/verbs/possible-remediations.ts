import type { Endpoint } from '../endpoint/endpoint.ts';
import { takesFiles } from '../endpoint/platform.ts';
import type { Guid } from '../file/guid.ts';
import type { Sha256 } from '../file/hash.ts';
import type { IncidentId } from '../incident/incident-id.ts';
import { hashesOf, isInForce, preventingEntry } from '../list/judge.ts';
import type { ListedHash } from '../list/listed-hash.ts';
import { refusals } from '../list/refuse-block.ts';
import type { Ports } from '../ports/ports.ts';
import type { Reader } from '../ports/store/store.ts';
import type { Remedy } from '../remediation/remediation.ts';
import type { Milliseconds } from '../time.ts';
import { filesOf, type IncidentFile, mayBeTaken } from './incident-files.ts';

/** Something that can be done about a file of an incident. */
export interface PossibleRemediation {
  readonly remedy: Remedy;
  readonly file: IncidentFile;
  /** What the remedy needs: the GUID of the file, or that of the quarantined one. */
  readonly target: Guid;
}

/**
 * What can really be done about the files of incidents, and the programs of their processes: what an agent would refuse, what is
 * done already and what would be undone at once is left out.
 */
export function possibleRemediations(
  ports: Pick<Ports, 'store' | 'clock'>,
  incidentIds: readonly IncidentId[],
): Promise<readonly PossibleRemediation[]> {
  return ports.store.read(async (reader) => {
    const files = await filesOf(reader, incidentIds);
    const lists = await whatListsSay(reader, files, ports.clock.now());
    return files.flatMap((file) => [
      ...(isQuarantinable(file) ? [{ remedy: 'quarantine', file, target: file.guid } as const] : []),
      ...(isBlockable(file, lists) ? [{ remedy: 'block', file, target: file.guid } as const] : []),
      ...restorable(file, lists).map((target) => ({ remedy: 'restore', file, target }) as const),
    ]);
  });
}

interface Lists {
  readonly listed: ReadonlyMap<string, ListedHash>;
  readonly refused: ReadonlySet<string>;
  readonly now: Milliseconds;
}

async function whatListsSay(
  { files: reported, hashLists }: Pick<Reader, 'files' | 'hashLists'>,
  files: readonly IncidentFile[],
  now: Milliseconds,
): Promise<Lists> {
  const contents = [...new Set(files.flatMap(({ sha256, held }) => [sha256, ...held.map((record) => record.sha256)]))];
  const sha256 = contents.filter((hash): hash is Sha256 => hash !== null);
  const copies = await reported.copiesOf({ sha256, sha1: [], md5: [] });
  const asked = new Map(sha256.map((hash) => [hash, 'sha256'] as const));
  const entries = await hashLists.byHashes([...new Set([...sha256, ...files.flatMap(hashesKnown)])]);
  return {
    listed: new Map(entries.filter((entry) => isInForce(entry, now)).map((entry) => [entry.hash, entry])),
    refused: new Set(refusals(asked, copies).map(({ hash }) => hash)),
    now,
  };
}

function hashesKnown({ record, sha256 }: Pick<IncidentFile, 'record' | 'sha256'>): readonly string[] {
  return record === undefined ? [sha256].filter((hash) => hash !== null) : hashesOf(record);
}

/** What a package manager vouches for, agents do not take. */
function isQuarantinable(file: IncidentFile): boolean {
  return mayBeTaken(file) && takesOrders(file.endpoint) && (file.record?.package ?? null) === null;
}

function isBlockable(file: IncidentFile, { listed, refused }: Lists): boolean {
  const { sha256 } = file;
  if (sha256 === null || !mayBeTaken(file) || refused.has(sha256)) {
    return false;
  }
  const entry = listed.get(sha256);
  const isAllowed = hashesKnown(file).some((hash) => hash !== sha256 && listed.get(hash)?.list === 'allow');
  return !isAllowed && !(entry?.list === 'block' && entry.prevent);
}

function restorable({ endpoint, held, record }: IncidentFile, { listed, now }: Lists): readonly Guid[] {
  if (!takesOrders(endpoint)) {
    return [];
  }
  const isFree = (sha256: Sha256) => {
    const hashes = record?.sha256 === sha256 ? hashesOf(record) : [sha256];
    return preventingEntry(hashes, listed, now) === undefined;
  };
  return held.filter(({ sha256 }) => isFree(sha256)).map(({ guid }) => guid);
}

/** Orders about files, that is. */
function takesOrders({ revokedAt, platform }: Endpoint): boolean {
  return revokedAt === null && takesFiles[platform];
}
