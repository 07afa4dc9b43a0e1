import type { Verb } from '#core/action/verb.ts';
import { type FilePath, filePathSchema } from '#core/file/file-path.ts';
import type { Place, Platform } from '../platform/platform.ts';
import { separatorByte } from '../platform/separator.ts';
import { denial, ruleAgainst } from '../policy/policy.ts';
import { Ended } from './ending.ts';
import type { VaultRoom } from './room.ts';

/** Where a name in an open directory really is now, whichever way it was reached. */
export function realPath(platform: Platform, { directory, name }: Place): FilePath {
  const parent = platform.pathOf(directory);
  const separator = parent.at(-1) === separatorByte ? [] : [separatorByte];
  return filePathSchema.parse(Uint8Array.from([...parent, ...separator, ...name]));
}

/**
 * Asks the endpoint's own policy once more, where the path turned out to be.
 * @throws Ended `refused` with the rule's name.
 */
export function demandAllowed(
  { policy }: Pick<VaultRoom, 'policy'>,
  deed: { readonly verb: Verb; readonly paths: readonly FilePath[]; readonly size: number },
): void {
  const { verb, paths, size } = deed;
  for (const path of paths) {
    const rule = ruleAgainst(policy, { verb, path, size });
    if (rule !== undefined) {
      throw new Ended({ outcome: 'refused', reason: 'denied_by_policy', message: denial(rule), details: { rule } });
    }
  }
}
