import {
  columnOrderingFeature,
  columnVisibilityFeature,
  createColumnHelper,
  type RowData,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type ReactNode, useEffect, useId, useMemo, useRef, useState } from 'react';

const features = tableFeatures({ columnVisibilityFeature, columnOrderingFeature });

/** One column: what it is called, what it shows of a row, and how wide it is. */
export interface Column<Row> {
  readonly id: string;
  readonly title: string;
  /** A CSS track, as `minmax(8rem, 1fr)`. */
  readonly track: string;
  readonly align?: 'end';
  /** What a server can be asked to sort by, where it can. */
  readonly sort?: string;
  show(row: Row): ReactNode;
}

export interface Sorting {
  readonly by: string;
  readonly direction: 'ascending' | 'descending';
}

/** Rows by their place; those that are not here yet are undefined. */
export interface RowSource<Row> {
  readonly count: number;
  at(index: number): Row | undefined;
}

export interface DataTableProps<Row> {
  /** What the table holds, for whoever cannot see it. */
  readonly label: string;
  readonly rows: readonly Row[] | RowSource<Row>;
  readonly columns: readonly Column<Row>[];
  /** Ids of those that are shown, in their order; default: all. */
  readonly shown?: readonly string[];
  /** Which rows are in view, and a few around them. */
  onView?: ((first: number, last: number) => void) | undefined;
  /** How many rows there are in all; more than `rows` where not all are loaded yet. */
  readonly total?: number;
  readonly sorting?: Sorting | undefined;
  onSort?: ((sorting: Sorting) => void) | undefined;
  rowId(row: Row): string;
  /** Enter, or a click on a row. */
  onOpen?: ((row: Row) => void) | undefined;
  /** The end of what is loaded comes into view. */
  onEnd?(): void;
  readonly chosen?: ReadonlySet<string> | undefined;
  onChoose?: ((chosen: ReadonlySet<string>) => void) | undefined;
  /** Below the last row. */
  readonly footer?: ReactNode;
}

const rowHeight = 40;

/**
 * Rows by the hundred thousand: only those in view are in the page. Arrow keys, Page Up and Down, Home and End move over rows, Enter opens
 * one, the space bar chooses it.
 */
export function DataTable<Row extends RowData>(props: DataTableProps<Row>) {
  const { label, columns, shown, rowId, chosen, onChoose, onEnd, onView } = props;
  const rows = useMemo(() => sourceOf(props.rows), [props.rows]);
  const { total = rows.count } = props;
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const [current, setCurrent] = useState(0);
  const helper = useMemo(() => createColumnHelper<typeof features, Row>(), []);
  const definitions = useMemo(
    () => columns.map((column) => helper.display({ id: column.id, header: column.title })),
    [columns, helper],
  );
  const table = useTable({
    // It arranges the columns alone: what the rows are is not copied into it.
    ...{ features, columns: definitions, data: noRows },
    state: {
      columnOrder: [...(shown ?? columns.map(({ id }) => id))],
      columnVisibility: Object.fromEntries(columns.map(({ id }) => [id, shown === undefined || shown.includes(id)])),
    },
  });
  const visible = table.getVisibleLeafColumns().flatMap(({ id }) => columns.find((column) => column.id === id) ?? []);
  const virtual = useVirtualizer({
    count: rows.count,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
  });
  const items = virtual.getVirtualItems();
  const lastInView = items.at(-1)?.index ?? 0;
  const firstInView = items[0]?.index ?? 0;
  useEffect(() => {
    if (rows.count < total && lastInView >= rows.count - 20) {
      onEnd?.();
    }
  }, [lastInView, rows.count, total, onEnd]);
  useEffect(() => onView?.(firstInView, lastInView), [firstInView, lastInView, onView]);
  const template = [...(onChoose === undefined ? [] : ['2.5rem']), ...visible.map(({ track }) => track)].join(' ');
  const move = (to: number) => {
    const index = Math.max(0, Math.min(rows.count - 1, to));
    setCurrent(index);
    virtual.scrollToIndex(index);
  };
  const choose = (row: Row) => {
    const id = rowId(row);
    const next = new Set(chosen);
    if (!next.delete(id)) {
      next.add(id);
    }
    onChoose?.(next);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const row = rows.at(current);
    const step = movementOf(event.key, { current, last: rows.count - 1 });
    if (step !== undefined) {
      event.preventDefault();
      move(step);
    } else if (
      event.target === event.currentTarget &&
      row !== undefined &&
      (event.key === 'Enter' || event.key === ' ')
    ) {
      event.preventDefault();
      (event.key === ' ' && onChoose !== undefined ? choose : props.onOpen)?.(row);
    }
  };
  return (
    <div
      aria-activedescendant={rows.count > 0 ? `${id}-${current}` : undefined}
      aria-colcount={visible.length}
      aria-label={label}
      aria-rowcount={total + 1}
      className="table"
      onKeyDown={onKeyDown}
      ref={scroller}
      role="grid"
      tabIndex={0}
    >
      <HeadRow {...props} source={rows} template={template} visible={visible} />
      <div className="table-body" role="rowgroup" style={{ height: virtual.getTotalSize() }}>
        {items.map(({ index, start }) => {
          const row = rows.at(index);
          return row === undefined ? (
            <AwaitedRow id={`${id}-${index}`} index={index} key={index} start={start} />
          ) : (
            <BodyRow
              {...{ row, index, start, template, visible, rowId, chosen, choose }}
              id={`${id}-${index}`}
              isCurrent={index === current}
              key={rowId(row)}
              onChoose={onChoose}
              onOpen={props.onOpen}
              onTake={() => setCurrent(index)}
            />
          );
        })}
      </div>
      {props.footer}
    </div>
  );
}

/** For the columns' model. */
const noRows: readonly never[] = [];

function sourceOf<Row>(rows: readonly Row[] | RowSource<Row>): RowSource<Row> {
  return 'count' in rows ? rows : { count: rows.length, at: (index) => rows[index] };
}

function loadedOf<Row>({ count, at }: RowSource<Row>): readonly Row[] {
  return Array.from({ length: count }, (_, index) => at(index)).filter((row) => row !== undefined);
}

interface AwaitedProps {
  readonly id: string;
  readonly index: number;
  readonly start: number;
}

/** Where a row will be. */
function AwaitedRow({ id, index, start }: AwaitedProps) {
  return (
    <div
      aria-busy="true"
      aria-rowindex={index + 2}
      className="table-row awaited"
      id={id}
      role="row"
      style={{ transform: `translateY(${start}px)` }}
    >
      <span className="mute" role="gridcell">
        …
      </span>
    </div>
  );
}

function movementOf(key: string, { current, last }: { readonly current: number; readonly last: number }) {
  const page = 15;
  const moves: Readonly<Record<string, number>> = {
    ArrowDown: current + 1,
    ArrowUp: current - 1,
    PageDown: current + page,
    PageUp: current - page,
    Home: 0,
    End: last,
  };
  return moves[key];
}

interface HeadProps<Row> extends DataTableProps<Row> {
  readonly source: RowSource<Row>;
  readonly template: string;
  readonly visible: readonly Column<Row>[];
}

function HeadRow<Row>({ template, visible, source, rowId, chosen, onChoose, sorting, onSort }: HeadProps<Row>) {
  const ids = onChoose === undefined ? [] : loadedOf(source).map(rowId);
  const all = ids.length > 0 && ids.every((id) => chosen?.has(id) === true);
  return (
    <div className="table-head" role="row" style={{ gridTemplateColumns: template }}>
      {onChoose !== undefined && (
        <span role="columnheader">
          <input
            aria-label="Choose all that are loaded"
            checked={all}
            onChange={() => onChoose(new Set(all ? [] : ids))}
            type="checkbox"
          />
        </span>
      )}
      {visible.map(({ id, title, align, sort }) => {
        const isSorted = sort !== undefined && sorting?.by === sort;
        return (
          <span
            aria-sort={isSorted ? sorting.direction : undefined}
            className={align === 'end' ? 'end' : ''}
            key={id}
            role="columnheader"
          >
            {sort === undefined || onSort === undefined ? (
              title
            ) : (
              <button className="sort" onClick={() => onSort(turned(sort, sorting))} type="button">
                {title} <span aria-hidden="true">{arrowOf(isSorted ? sorting.direction : undefined)}</span>
              </button>
            )}
          </span>
        );
      })}
    </div>
  );
}

function arrowOf(direction: Sorting['direction'] | undefined): string {
  const arrows = { ascending: '↑', descending: '↓' } as const;
  return direction === undefined ? '↕' : arrows[direction];
}

function turned(by: string, before: Sorting | undefined): Sorting {
  return { by, direction: before?.by === by && before.direction === 'ascending' ? 'descending' : 'ascending' };
}

interface BodyProps<Row>
  extends Pick<HeadProps<Row>, 'template' | 'visible' | 'rowId' | 'chosen' | 'onChoose' | 'onOpen'> {
  readonly id: string;
  readonly row: Row;
  readonly index: number;
  readonly start: number;
  readonly isCurrent: boolean;
  choose(row: Row): void;
  onTake(): void;
}

function BodyRow<Row>(props: BodyProps<Row>) {
  const { id, row, index, start, template, visible, rowId, chosen, onChoose, onOpen, isCurrent, choose, onTake } =
    props;
  const isChosen = chosen?.has(rowId(row)) === true;
  return (
    <div
      aria-rowindex={index + 2}
      aria-selected={onChoose === undefined ? undefined : isChosen}
      className={`table-row${isCurrent ? ' current' : ''}${isChosen ? ' chosen' : ''}`}
      id={id}
      onClick={(event) => {
        onTake();
        if (!(event.target instanceof Element && event.target.closest('a, button, input') !== null)) {
          onOpen?.(row);
        }
      }}
      role="row"
      style={{ gridTemplateColumns: template, transform: `translateY(${start}px)` }}
    >
      {onChoose !== undefined && (
        <span role="gridcell">
          <input
            aria-label="Choose this row"
            checked={isChosen}
            onChange={() => choose(row)}
            tabIndex={-1}
            type="checkbox"
          />
        </span>
      )}
      {visible.map((column) => (
        <span className={column.align === 'end' ? 'cell end' : 'cell'} key={column.id} role="gridcell">
          {column.show(row)}
        </span>
      ))}
    </div>
  );
}
