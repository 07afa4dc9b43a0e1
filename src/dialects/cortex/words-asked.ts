import { type Condition, demandOperator, texts } from './filters.ts';

/**
 * What of a closed list a condition leaves, by the word that each item has. Case does not count, and a word that nothing has
 * leaves nothing: the vendor has more words than anything here can be.
 * @throws Fault `invalid_request`
 */
export function keepByWord<Item>(
  items: readonly Item[],
  condition: Condition,
  wordOf: (item: Item) => string,
): readonly Item[] {
  demandOperator(condition, ['in', 'eq', 'neq']);
  const words = new Set(texts(condition).map((text) => text.trim().toLowerCase()));
  const wanted = condition.operator !== 'neq';
  return items.filter((item) => words.has(wordOf(item).toLowerCase()) === wanted);
}

/** Both lists must hold what is asked for; case does not count. */
export function inBoth<Value extends string>(
  before: readonly Value[] | undefined,
  now: readonly Value[],
): readonly Value[] {
  const kept = new Set(before?.map((value) => value.toLowerCase()));
  return before === undefined ? now : now.filter((value) => kept.has(value.toLowerCase()));
}
