import type { Endpoint } from '#core/endpoint/endpoint.ts';
import type { FileRecord } from '#core/file/file.ts';
import type { Sha1 } from '#core/file/hash.ts';
import type { Milliseconds } from '#core/time.ts';
import type { Element, ElementReference, SimpleFeatures } from './element.ts';
import { machineElement } from './machine-element.ts';

/**
 * A file as a File element. Features that Custody knows nothing of, such as signatures
 * and verdicts, are left out rather than made up.
 */
export function fileElement(file: FileRecord, endpoint: Endpoint | undefined, now: Milliseconds): Element {
  const machine = endpoint === undefined ? undefined : machineElement(endpoint, now);
  const self: ElementReference = { elementType: 'File', guid: file.guid, name: file.name };
  return {
    ...self,
    simple: { ...simpleFeatures(file, endpoint), ...dotted('ownerMachine', machine?.simple ?? {}) },
    references: machine === undefined ? { self } : { self, ownerMachine: referenceTo(machine) },
    groupedBy: `FileHashRuntime:0.${hashNumber(file.sha1)} `,
  };
}

function simpleFeatures(file: FileRecord, endpoint: Endpoint | undefined): SimpleFeatures {
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
    isPEFile: String(file.kind === 'pe'),
  };
}

function referenceTo({ elementType, guid, name }: Element): ElementReference {
  return { elementType, guid, name };
}

function dotted(prefix: string, features: SimpleFeatures): SimpleFeatures {
  return Object.fromEntries(Object.entries(features).map(([feature, value]) => [`${prefix}.${feature}`, value]));
}

function inMilliseconds(nanoseconds: string): string {
  return String(BigInt(nanoseconds) / 1_000_000n);
}

/** Files of one content are one group. */
function hashNumber(sha1: Sha1): bigint {
  return BigInt.asIntN(64, BigInt(`0x${sha1.slice(0, 16)}`));
}
