import { attribute } from './constants.ts';

/**
 * What a reparse point is to somebody who must not be redirected:
 * `link`: it stands for another place (the name surrogate bit of ntifs.h: junctions, symbolic links, WSL's links);
 * `transparent`: the same file, kept otherwise (deduplicated, compressed by the system, a cloud provider's directory);
 * `special`: no file with bytes of its own (sockets, pipes, app aliases), or something that nobody here knows.
 */
export type ReparseRule = 'link' | 'transparent' | 'special';

const nameSurrogate = 0x20000000;
/** From ntifs.h: DEDUP, WOF, WCI, WCI_1, WIM, and the 16 CLOUD tags (masked below). */
const transparentTags: ReadonlySet<number> = new Set([0x80000013, 0x80000017, 0x80000018, 0x90001018, 0x80000008]);
const cloudTag = 0x9000001a;
const cloudMask = 0xffff0fff;

export function reparseRule(tag: number): ReparseRule {
  if ((tag & nameSurrogate) !== 0) {
    return 'link';
  }
  const isCloud = (tag & cloudMask) >>> 0 === cloudTag;
  return isCloud || transparentTags.has(tag >>> 0) ? 'transparent' : 'special';
}

/**
 * Whether reading the file would fetch it from somewhere else: an agent that lists a disk must not download a user's whole
 * cloud drive, nor wake a tape.
 */
export function isElsewhere(attributes: number): boolean {
  return (attributes & (attribute.offline | attribute.recallOnOpen | attribute.recallOnDataAccess)) !== 0;
}
