import type { ColumnTypes } from '../sql/dialect.ts';

/** One step forward. Its statements are constants: nothing from outside is ever part of them. */
export interface Migration {
  /** 1, 2, 3 ... */
  readonly version: number;
  statements(types: ColumnTypes): readonly string[];
}
