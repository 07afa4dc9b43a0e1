/** A body's `sortDirection` in any case; undefined where it is neither, which leaves each call its own order. */
export function readSortDirection(value: unknown): 'ASC' | 'DESC' | undefined {
  const word = typeof value === 'string' ? value.toUpperCase() : '';
  return word === 'ASC' || word === 'DESC' ? word : undefined;
}
