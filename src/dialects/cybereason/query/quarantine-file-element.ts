import type { Endpoint } from '#core/endpoint/endpoint.ts';
import type { FileFacts } from '#core/file/file.ts';
import { fileName } from '#core/file/file-path.ts';
import type { QuarantineRecord } from '#core/file/quarantine-record.ts';
import type { Milliseconds } from '#core/time.ts';
import { dotted, type Element, type ElementReference, nonEmpty, referenceTo } from './element.ts';
import { machineElement } from './machine-element.ts';

/** What the server knows of a content beside its SHA-256. */
export type OtherHashes = Pick<FileFacts, 'sha1' | 'md5'>;

export interface QuarantineFileContext {
  readonly endpoint: Endpoint | undefined;
  /** Undefined where no agent has told them, or nobody looked. */
  readonly hashes?: OtherHashes | undefined;
}

export function quarantineFileReference({ guid, path }: Pick<QuarantineRecord, 'guid' | 'path'>): ElementReference {
  return { elementType: 'QuarantineFile', guid, name: fileName(path) };
}

/**
 * A file in a vault as a QuarantineFile element. Clients take its GUID from the feature `quarantineFile`; by that GUID it
 * can be fetched, and it is another than the GUID that the file had.
 */
export function quarantineFileElement(
  record: QuarantineRecord,
  { endpoint, hashes }: QuarantineFileContext,
  now: Milliseconds,
): Element {
  const self = quarantineFileReference(record);
  const machine = endpoint === undefined ? undefined : machineElement(endpoint, now);
  const path = record.displayPath;
  return {
    ...self,
    simple: {
      elementDisplayName: self.name,
      sha256String: record.sha256,
      ...(hashes !== undefined && { sha1String: hashes.sha1, md5String: hashes.md5 }),
      size: String(record.size),
      correctedPath: endpoint?.platform === 'windows' ? path.toLowerCase() : path,
      canonizedPath: path,
      path,
      // The vendor's name for it is not known.
      quarantineTime: String(record.quarantinedAt),
      ...dotted('ownerMachine', machine?.simple ?? {}),
    },
    references: nonEmpty({
      self: [self],
      quarantineFile: [self],
      ownerMachine: machine === undefined ? [] : [referenceTo(machine)],
    }),
    groupedBy: { kind: 'QuarantineFileRuntime', guid: record.guid },
  };
}
