import { compactGuid, type Guid } from '#core/file/guid.ts';
import type { Policy } from '#core/ports/policy.ts';

/** A GUID as answers have it: of the two spellings the one that the installation chose. */
export function spellGuid({ cybereason }: Pick<Policy, 'cybereason'>, guid: Guid): string {
  return cybereason.guidSpelling === 'compact' ? compactGuid(guid) : guid;
}
