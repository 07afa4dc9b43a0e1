/** A slice of a list. `limit` is at most 10,000. */
export interface Page {
  readonly offset: number;
  readonly limit: number;
}

export interface Listing<Item> {
  readonly items: readonly Item[];
  /** How many there are without the page. */
  readonly total: number;
}
