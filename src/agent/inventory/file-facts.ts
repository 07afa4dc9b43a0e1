import { createHash } from 'node:crypto';
import type { FileKind } from '#core/file/file.ts';
import { md5Schema, sha1Schema, sha256Schema } from '#core/file/hash.ts';
import type { Handle, NodeFacts, PackageRecords } from '../platform/platform.ts';
import { chunkSteps, type FileSteps } from './each-chunk.ts';
import type { Facts } from './index-file.ts';

export interface FactTools {
  /** User names by number. */
  readonly owners: ReadonlyMap<number, string>;
  readonly packages: PackageRecords;
  /** Where the file is. */
  readonly path: Uint8Array;
  readonly progress: () => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** File systems keep times in steps of some milliseconds. */
const timeStep = 100;

const magicBytes = 8;
/** A universal Mach-O file and a Java class begin alike; the next number is architectures here, a version above 44 there. */
const mostArchitectures = 44;

/** Reads the file once for all three hashes and its kind. */
export function* fileFactsSteps(
  file: Handle,
  facts: NodeFacts,
  { owners, packages, path, progress, now }: FactTools,
): FileSteps<Facts> {
  const settled = now() - Number(facts.changedNs / 1_000_000n) > timeStep;
  const hashes = { sha256: createHash('sha256'), sha1: createHash('sha1'), md5: createHash('md5') };
  let head: Uint8Array | undefined;
  const size = yield* chunkSteps(file, progress, (chunk) => {
    head ??= new Uint8Array(chunk.subarray(0, magicBytes));
    hashes.sha256.update(chunk);
    hashes.sha1.update(chunk);
    hashes.md5.update(chunk);
  });
  const digests = {
    sha256: sha256Schema.parse(hashes.sha256.digest('hex')),
    sha1: sha1Schema.parse(hashes.sha1.digest('hex')),
    md5: md5Schema.parse(hashes.md5.digest('hex')),
  };
  return {
    size,
    ...digests,
    modifiedNs: String(facts.modifiedNs),
    changedNs: String(facts.changedNs),
    createdNs: facts.createdNs === null ? null : String(facts.createdNs),
    mode: facts.mode,
    uid: facts.uid,
    gid: facts.gid,
    owner: owners.get(facts.uid)?.slice(0, 256) ?? String(facts.uid),
    kind: kindOf(head ?? new Uint8Array()),
    package: packages.ownerOf(path, digests)?.slice(0, 256) ?? null,
    inode: String(facts.inode),
    settled,
  };
}

function kindOf(head: Uint8Array): FileKind {
  const magic = Buffer.from(head).toString('hex');
  if (magic.startsWith('7f454c46')) {
    return 'elf';
  }
  if (magic.startsWith('4d5a')) {
    return 'pe';
  }
  if (magic.startsWith('2321')) {
    return 'script';
  }
  return isMachO(magic) ? 'mach_o' : 'other';
}

function isMachO(magic: string): boolean {
  if (/^(feedface|feedfacf|cefaedfe|cffaedfe)/.test(magic)) {
    return true;
  }
  const count = Number.parseInt(magic.slice(8, 16), 16);
  return magic.startsWith('cafebabe') && count <= mostArchitectures;
}
