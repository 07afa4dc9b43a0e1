import type { NodeFacts, NodeKind } from '../platform.ts';
import { attribute } from './constants.ts';
import type { AttributeTag, BasicInformation, FileId, StandardInformation } from './file-information.ts';
import { fromFileTime } from './file-time.ts';
import { isElsewhere, reparseRule } from './reparse.ts';

/** Four answers of NT about one open file. */
export interface Answers {
  readonly basic: BasicInformation;
  readonly standard: StandardInformation;
  readonly id: FileId;
  readonly tag: AttributeTag;
}

/** `node:fs` tells volumes by this half of their number, and the agent compares what both say. */
const shortSerial = 0xffff_ffffn;

/** Windows has no mode, owner number and group number: the mode says what the read-only attribute says, as in `node:fs`. */
export function factsOf({ basic, standard, id, tag }: Answers): NodeFacts {
  return {
    kind: kindOf(tag),
    device: id.volume & shortSerial,
    inode: id.file,
    links: standard.links,
    size: Number(standard.size),
    mode: (tag.attributes & attribute.readOnly) === 0 ? 0o666 : 0o444,
    uid: 0,
    gid: 0,
    accessedNs: fromFileTime(basic.accessed),
    modifiedNs: fromFileTime(basic.written),
    changedNs: fromFileTime(basic.changed),
    createdNs: fromFileTime(basic.created),
    sparse: (tag.attributes & attribute.sparse) !== 0,
  };
}

function kindOf({ attributes, tag }: AttributeTag): NodeKind {
  const rule = (attributes & attribute.reparsePoint) === 0 ? 'transparent' : reparseRule(tag);
  if (rule === 'link') {
    return 'link';
  }
  if (rule === 'special' || (attributes & attribute.device) !== 0) {
    return 'other';
  }
  if ((attributes & attribute.directory) !== 0) {
    return 'directory';
  }
  return isElsewhere(attributes) ? 'other' : 'file';
}
