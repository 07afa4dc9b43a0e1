import type { Platform } from '#core/endpoint/platform.ts';
import type { Standing } from '#core/endpoint/presence.ts';
import { type ScanStatus, scanStatuses } from '#core/endpoint/scan-status.ts';
import { type Condition, textValues } from './filters.ts';
import { wrongField } from './read-fields.ts';

/**
 * The vendor has two vocabularies: short lower-case words in filters, prefixed upper-case constants in answers. Clients
 * send either in filters. A word of the vendor's that no endpoint here can have stands for undefined.
 */
interface Vocabulary<Meaning> {
  readonly prefix: string;
  readonly words: ReadonlyMap<string, Meaning | undefined>;
}

export const standingWords: Vocabulary<Standing> = {
  prefix: '',
  words: new Map([
    ['connected', 'connected'],
    ['disconnected', 'disconnected'],
    ['lost', 'lost'],
    /** An endpoint that was removed or deleted; a deleted one comes back when its agent connects. */
    ['uninstalled', 'removed'],
  ]),
};

export const platformWords: Vocabulary<Platform> = {
  prefix: 'agent_os_',
  words: new Map([
    ['linux', 'linux'],
    ['macos', 'macos'],
    ['mac', 'macos'],
    ['windows', 'windows'],
    ['android', undefined],
  ]),
};

/** Nothing isolates endpoints here, so each is `unisolated`. */
export const isolationWords: Vocabulary<true> = {
  prefix: 'agent_',
  words: new Map([
    ['unisolated', true],
    ['isolated', undefined],
    ['pending_isolation', undefined],
    ['pending_isolation_cancellation', undefined],
  ]),
};

export const scanWords: Vocabulary<ScanStatus> = {
  prefix: 'scan_status_',
  words: new Map(scanStatuses.map((status) => [status, status])),
};

/** What a condition's values mean. @throws Fault `invalid_request` for a word that the vendor does not have. */
export function meanings<Meaning>(
  condition: Condition,
  { prefix, words }: Vocabulary<Meaning>,
): readonly NonNullable<Meaning>[] {
  const found = textValues(condition).map((text) => {
    const lowered = text.toLowerCase();
    const word = lowered.startsWith(prefix) ? lowered.slice(prefix.length) : lowered;
    if (!words.has(word)) {
      throw wrongField(condition.field, `must be one of ${[...words.keys()].join(', ')}`);
    }
    return words.get(word);
  });
  return found.filter((meaning) => meaning !== undefined && meaning !== null);
}
