import { readTag } from '../endpoint/label.ts';
import { Fault } from '../fault.ts';

/** Which endpoints a principal may see and touch: all of them, or those alone that bear one of these tags. */
export type Scope = { readonly kind: 'all' } | { readonly kind: 'tags'; readonly tags: readonly string[] };

export const wholeFleet: Scope = { kind: 'all' };

const mostTags = 100;

/**
 * The tags of a new key or user; null stands for no limit. An empty list is neither and is refused: it would let nothing be seen, or
 * be taken for no limit.
 * @throws Fault `invalid_request`, `limit_exceeded`
 */
export function readScope(tags: readonly string[] | null): Scope {
  if (tags === null) {
    return wholeFleet;
  }
  const distinct = [...new Set(tags.map(readTag))];
  if (distinct.length === 0) {
    throw new Fault('invalid_request', 'tags: name at least one tag, or leave them out for no limit.', {
      details: { field: 'tags' },
    });
  }
  if (distinct.length > mostTags) {
    throw new Fault('limit_exceeded', `tags: a scope has at most ${mostTags} tags.`, {
      details: { limit: mostTags, asked: distinct.length },
    });
  }
  return { kind: 'tags', tags: distinct };
}

/** Null for no limit. */
export function tagsOf(scope: Scope): readonly string[] | null {
  return scope.kind === 'all' ? null : scope.tags;
}

/** Whether everything that lies in the other scope lies in this one. */
export function includes(scope: Scope, other: Scope): boolean {
  if (scope.kind === 'all') {
    return true;
  }
  return other.kind === 'tags' && other.tags.every((tag) => scope.tags.includes(tag));
}

/**
 * Refuses whoever is limited to some endpoints what concerns all of them.
 * @param what what needs somebody without a limit, as the beginning of a sentence.
 * @throws Fault `permission_denied`
 */
export function demandWholeFleet(scope: Scope, what: string): void {
  if (scope.kind === 'tags') {
    throw new Fault(
      'permission_denied',
      `${what} the whole fleet, and you are limited to endpoints with one of these tags: ${scope.tags.join(', ')}. Use a key or user without a limit.`,
      { details: { tags: scope.tags } },
    );
  }
}

/** @throws Fault `permission_denied` for a scope that reaches beyond that of whoever gives it. */
export function demandNoWiderScope(own: Scope, given: Scope): void {
  if (!includes(own, given)) {
    demandWholeFleet(own, 'Endpoints beyond your own tags concern');
  }
}
