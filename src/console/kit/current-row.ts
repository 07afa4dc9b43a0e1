import { useMemo, useState } from 'react';
import type { RowSource } from './row-source.ts';
import { useStable } from './stable.ts';

interface Taken {
  readonly index: number;
  /** Of the row that somebody took; undefined: whichever is there. */
  readonly id: string | undefined;
  readonly isTaken: boolean;
}

interface Place<Row> extends Taken {
  /** Undefined where it is not here, or not here any more: then a key that acts does nothing. */
  readonly row: Row | undefined;
}

export interface CurrentRow<Row> extends Place<Row> {
  take(index: number): void;
  /** Whoever comes to the table stays at the row that they find. */
  enter(): void;
}

/** Rows come before it and go; farther than this it is not looked for. */
const reach = 1_000;

/** The row that keys act on: the same row wherever it moves when others come or go, and none in its stead where it is gone. */
export function useCurrentRow<Row>(rows: RowSource<Row>, rowId: (row: Row) => string): CurrentRow<Row> {
  const [taken, setTaken] = useState<Taken>({ index: 0, id: undefined, isTaken: false });
  const idOf = useStable(rowId);
  const place = useMemo(() => placeOf(rows, idOf, taken), [rows, idOf, taken]);
  if (place.index !== taken.index || place.id !== taken.id) {
    setTaken({ index: place.index, id: place.id, isTaken: taken.isTaken });
  }
  const take = (index: number) => setTaken({ index, id: undefined, isTaken: true });
  return {
    ...place,
    take,
    enter: () => take(place.row === undefined && place.id !== undefined ? 0 : place.index),
  };
}

function placeOf<Row>(rows: RowSource<Row>, rowId: (row: Row) => string, { id, isTaken, ...taken }: Taken): Place<Row> {
  const index = Math.max(0, Math.min(rows.count - 1, taken.index));
  const row = rows.at(index);
  if (!isTaken || id === undefined) {
    return { index, row, isTaken, id: isTaken && row !== undefined ? rowId(row) : undefined };
  }
  for (let away = 0; away <= reach; away += 1) {
    for (const near of [index - away, index + away]) {
      const other = rows.at(near);
      if (other !== undefined && rowId(other) === id) {
        return { index: near, row: other, isTaken, id };
      }
    }
  }
  return { index, row: undefined, isTaken, id };
}
