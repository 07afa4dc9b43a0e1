import type { EventKind } from '#core/ports/store/events.ts';

/** The kinds by a word of theirs, in the order of the words. */
export function ranksBy<Kind extends { readonly kind: EventKind }>(
  kinds: readonly Kind[],
  wordOf: (kind: Kind) => string,
): readonly (readonly EventKind[])[] {
  const byWord = [...Map.groupBy(kinds, wordOf)].sort(([one], [other]) => (one < other ? -1 : 1));
  return byWord.map(([, group]) => group.map(({ kind }) => kind));
}
