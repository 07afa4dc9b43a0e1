/** Rows by their place; those that are not here yet are undefined. */
export interface RowSource<Row> {
  readonly count: number;
  at(index: number): Row | undefined;
}
