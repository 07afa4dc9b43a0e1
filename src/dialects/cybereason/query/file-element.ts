import type { Endpoint } from '#core/endpoint/endpoint.ts';
import type { FileRecord } from '#core/file/file.ts';
import { fileHashGuid, userGuid } from '#core/file/guid.ts';
import type { QuarantineRecord } from '#core/file/quarantine-record.ts';
import type { ListKind } from '#core/list/listed-hash.ts';
import type { Milliseconds } from '#core/time.ts';
import { dotted, type Element, type ElementReference, nonEmpty, referenceTo, type SimpleFeatures } from './element.ts';
import { machineElement } from './machine-element.ts';
import { quarantineFileReference } from './quarantine-file-element.ts';

/** What is known of a file beside its record. */
export interface FileContext {
  readonly endpoint: Endpoint | undefined;
  /** The list that one of its hashes is on. */
  readonly list: ListKind | undefined;
  readonly hasMalops: boolean;
  /** Whether an incident that is not resolved names its machine. */
  readonly machineHasMalops: boolean;
  /** What a vault holds of it, where it was taken there. */
  readonly held: readonly QuarantineRecord[];
}

const classifications: Record<ListKind, string> = { block: 'blacklist', allow: 'whitelist' };

/**
 * A file as a File element. Features that Custody knows nothing of, such as signatures
 * and verdicts, are left out rather than made up.
 */
export function fileElement(file: FileRecord, context: FileContext, now: Milliseconds): Element {
  const { endpoint, list, hasMalops } = context;
  const machine =
    endpoint === undefined
      ? undefined
      : machineElement(endpoint, now, { hasMalops: context.machineHasMalops, processes: [] });
  const self: ElementReference = { elementType: 'File', guid: file.guid, name: file.name, hasMalops };
  return {
    ...self,
    simple: {
      ...simpleFeatures(file, context),
      hasMalops: String(hasMalops),
      ...dotted('ownerMachine', machine?.simple ?? {}),
    },
    references: nonEmpty({
      self: [self],
      ownerMachine: machine === undefined ? [] : [referenceTo(machine)],
      ownerUser: ownerOf(file),
      quarantineFile: context.held.map(quarantineFileReference),
    }),
    groupedBy: { kind: 'FileHashRuntime', guid: fileHashGuid(file.sha1) },
    isMalicious: list === 'block',
  };
}

/** Where the machine has no name for its owner, there is but the number. */
function ownerOf({ owner, uid }: FileRecord): readonly ElementReference[] {
  return owner === '' || owner === String(uid) ? [] : [{ elementType: 'User', guid: userGuid(owner), name: owner }];
}

function simpleFeatures(
  file: FileRecord,
  { endpoint, list }: Pick<FileContext, 'endpoint' | 'list'>,
): Readonly<Record<string, string>> {
  return {
    elementDisplayName: file.name,
    md5String: file.md5,
    sha1String: file.sha1,
    sha256String: file.sha256,
    size: String(file.size),
    // The vendor lowers it, which on Windows changes nothing; elsewhere it would name another file.
    correctedPath: endpoint?.platform === 'windows' ? file.displayPath.toLowerCase() : file.displayPath,
    canonizedPath: file.displayPath,
    path: file.displayPath,
    modifiedTime: inMilliseconds(file.modifiedNs),
    ...(file.createdNs === null ? {} : { createdTime: inMilliseconds(file.createdNs) }),
    // One client filters by it.
    fileIsQuarantined: String(file.state === 'quarantined'),
    isPEFile: String(file.kind === 'pe'),
    ...(list === undefined ? {} : { maliciousClassificationType: classifications[list] }),
  };
}

/** What of a file a process leads to is its file's: asked for as `imageFile.sha1String`. */
export function imageFeatures(file: FileRecord, context: Pick<FileContext, 'endpoint' | 'list'>): SimpleFeatures {
  return dotted('imageFile', simpleFeatures(file, context));
}

function inMilliseconds(nanoseconds: string): string {
  return String(BigInt(nanoseconds) / 1_000_000n);
}
