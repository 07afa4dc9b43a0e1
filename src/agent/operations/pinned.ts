import type { Handle, NodeFacts, Place, Platform } from '../platform/platform.ts';
import { systemErrorCode } from '../platform/system-error.ts';
import { Ended } from './ending.ts';
import type { HandleScope } from './handle-scope.ts';

export interface Pinned {
  readonly pin: Handle;
  readonly facts: NodeFacts;
}

/** Whatever has this name now, held by identity; undefined when nothing has. */
export function pinIfPresent(platform: Platform, scope: HandleScope, place: Place): Pinned | undefined {
  try {
    const pin = scope.keep(platform.pin(place));
    return { pin, facts: platform.facts(pin) };
  } catch (failure) {
    if (systemErrorCode(failure) === 'ENOENT') {
      return undefined;
    }
    throw failure;
  }
}

const kindNames = { directory: 'a directory', link: 'a symbolic link', other: 'a special file' } as const;

/** @throws Ended `unsupported`, without the file having been opened (promise P8). */
export function demandRegularFile(platform: Platform, { pin, facts }: Pinned): void {
  const what = facts.kind === 'file' ? pseudoName(platform, pin) : kindNames[facts.kind];
  if (what !== undefined) {
    throw new Ended({
      outcome: 'unsupported',
      reason: 'special_file',
      message: `The path names ${what}, and Custody takes regular files only.`,
    });
  }
}

function pseudoName(platform: Platform, pin: Handle): string | undefined {
  return platform.isPseudo(pin) ? 'a file that the kernel makes up' : undefined;
}

/** Whether nobody wrote to the file, or changed what is known of it, between two looks. */
export function isUnchanged(before: NodeFacts, after: NodeFacts): boolean {
  return before.size === after.size && before.modifiedNs === after.modifiedNs && before.changedNs === after.changedNs;
}
