import fs from 'node:fs';
import type { TaskId } from '#core/action/action-id.ts';
import type { FilePath } from '#core/file/file-path.ts';
import type { Sha256 } from '#core/file/hash.ts';
import type { VaultObjectId } from '#core/file/vault-object-id.ts';
import type { Handle, NodeFacts, Parent } from '../platform/platform.ts';
import { type Metadata, mostDataRanges } from '../vault/metadata.ts';
import type { Room } from './room.ts';
import { nodeId } from './stage.ts';

const blockBytes = 512;

/** A file that was opened to be taken. */
export interface Found {
  readonly vaultObject: VaultObjectId;
  readonly taskId: TaskId;
  readonly path: FilePath;
  /** What its bytes must be. */
  readonly sha256: Sha256;
  readonly parent: Parent;
  /** As they were before anything was read of it. */
  readonly facts: NodeFacts;
  readonly source: Handle;
}

/** All that is to come back with a file some day. Nothing of the file is changed by asking. */
export function describe({ platform, clock }: Room, found: Found): Metadata {
  const { facts, source, parent, vaultObject, taskId, path, sha256 } = found;
  return {
    v: 1,
    ...{ vaultObject, taskId, path, sha256 },
    takenAt: clock.now(),
    size: facts.size,
    mode: facts.mode,
    uid: facts.uid,
    gid: facts.gid,
    accessedNs: String(facts.accessedNs),
    modifiedNs: String(facts.modifiedNs),
    sparse: facts.sparse,
    allocated: allocatedBytes(source),
    data: facts.sparse ? dataOf(platform.dataRanges(source, facts.size)) : null,
    flags: platform.fileFlags(source),
    links: facts.links,
    original: nodeId(facts),
    parent: nodeId(platform.facts(parent.directory)),
    chain: parent.chain.map((link) => ({ ...nodeId(link), uid: link.uid })),
    attributes: platform.attributes(source).map(({ name, value }) => ({ name, value })),
  };
}

export function allocatedBytes(file: Handle): number {
  return fs.fstatSync(file).blocks * blockBytes;
}

function dataOf(ranges: readonly { readonly start: number; readonly length: number }[]): Metadata['data'] {
  return ranges.length > mostDataRanges ? null : ranges.map(({ start, length }) => [start, length]);
}
