import type { Parent } from '../platform/platform.ts';
import type { Metadata } from '../vault/metadata.ts';
import { Ended } from './ending.ts';

/**
 * A file goes back only into the directory that it was taken from, or into one that nobody but root and the file's owner
 * could have made (promise P4). Inode and owner tell a directory; device numbers change over reboots. The directory may
 * have been removed and made again, so that the inode alone would refuse too much.
 * @throws Ended `conflict`, `parent_changed`.
 */
export function demandParent(parent: Parent, metadata: Metadata): void {
  if (!isSameParent(parent, metadata) && !parent.isSafeFor(metadata.uid)) {
    throw new Ended({
      outcome: 'conflict',
      reason: 'parent_changed',
      message:
        'The directory is not the one that the file was taken from, and others than root and the file’s owner could have made it. The vault still holds the file; name a path to restore it to.',
    });
  }
}

/** Where the way was not noted, the inode has to do. */
function isSameParent({ chain }: Parent, metadata: Metadata): boolean {
  const [now, recorded] = [chain.at(-1), metadata.chain.at(-1)];
  if (now === undefined) {
    return false;
  }
  return recorded === undefined ? String(now.inode) === metadata.parent.inode : isSameLink(now, recorded);
}

/** Privilege bits come back only where they were: each directory on the way is the same, and safe (promise P5). */
export function mayBePrivileged(parent: Parent, metadata: Metadata): boolean {
  const { chain } = metadata;
  const isSameWay =
    chain.length === parent.chain.length &&
    parent.chain.every((link, index) => {
      const recorded = chain[index];
      return recorded !== undefined && isSameLink(link, recorded);
    });
  return isSameWay && parent.isSafeFor(metadata.uid);
}

function isSameLink(now: Parent['chain'][number], recorded: Metadata['chain'][number]): boolean {
  return String(now.inode) === recorded.inode && now.uid === recorded.uid;
}
