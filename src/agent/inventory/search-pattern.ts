import type { SearchPattern } from '#core/action/verb.ts';
import { Fault } from '#core/fault.ts';
import { displayPath, type FilePath } from '#core/file/file-path.ts';
import { compileGlob } from '#core/file/glob.ts';
import type { Milliseconds } from '#core/time.ts';
import type { Findings } from './findings.ts';

type NamePattern = Extract<SearchPattern, { by: 'glob' | 'regex' }>;

/** JavaScriptCore gives a regular expression up after some million steps, and says then that nothing matches. */
const slowMatch: Milliseconds = 100;
const mostSlowMatches = 16;

/**
 * What a glob or a regular expression says of the display form of a path. A slow regular expression is told of, and after
 * several of them the search is broken off; one that never ends is ended with this process.
 * @throws Fault `invalid_request` when the text is no such pattern.
 */
export function nameMatcher(
  pattern: NamePattern,
  findings: Findings,
  monotonic: () => Milliseconds,
): (path: FilePath) => boolean {
  if (pattern.by === 'glob') {
    const matches = compileGlob(pattern.glob);
    return (path) => matches(displayPath(path));
  }
  const regex = compileRegex(pattern.regex);
  let slow = 0;
  return (path) => {
    const started = monotonic();
    const isMatch = regex.test(displayPath(path));
    if (!isMatch && monotonic() - started > slowMatch) {
      slow += 1;
      findings.lose('the regular expression gave up on some paths, which may match');
    }
    if (slow >= mostSlowMatches) {
      findings.breakOff('the regular expression takes too long');
    }
    return isMatch;
  };
}

/** With Unicode rules: a dot is a character, not half of one. */
function compileRegex(text: string): RegExp {
  try {
    return new RegExp(text, 'u');
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Fault('invalid_request', `The regular expression cannot be read: ${why}`, { cause });
  }
}
