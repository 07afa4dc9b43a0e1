import {
  columnOrderingFeature,
  columnVisibilityFeature,
  createColumnHelper,
  type RowData,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import {
  type KeyboardEvent,
  type MouseEvent,
  memo,
  type ReactNode,
  type RefObject,
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
} from 'react';
import { useCurrentRow } from './current-row.ts';
import type { RowSource } from './row-source.ts';
import { useStable } from './stable.ts';

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
/** Drawn above and below what is in view, so that a scroll meets rows. */
const around = 12;

/**
 * Rows by the hundred thousand: only those in view are in the page. Arrow keys, Page Up and Down, Home and End move over rows, Enter opens
 * one, the space bar chooses it.
 */
export function DataTable<Row extends RowData>(props: DataTableProps<Row>) {
  const { columns, shown } = props;
  const rows = useMemo(() => sourceOf(props.rows), [props.rows]);
  const visible = useVisible(columns, shown);
  return <Grid {...props} source={rows} visible={visible} />;
}

/** The table's model arranges the columns alone: what the rows are is not copied into it. */
function useVisible<Row extends RowData>(
  columns: readonly Column<Row>[],
  shown: readonly string[] | undefined,
): readonly Column<Row>[] {
  const helper = useMemo(() => createColumnHelper<typeof features, Row>(), []);
  const definitions = useMemo(
    () => columns.map((column) => helper.display({ id: column.id, header: column.title })),
    [columns, helper],
  );
  const state = useMemo(
    () => ({
      columnOrder: [...(shown ?? columns.map(({ id }) => id))],
      columnVisibility: Object.fromEntries(columns.map(({ id }) => [id, shown === undefined || shown.includes(id)])),
    }),
    [columns, shown],
  );
  const table = useTable({ features, columns: definitions, data: noRows, state });
  const order = table
    .getVisibleLeafColumns()
    .map(({ id }) => id)
    .join('\n');
  return useMemo(
    () => order.split('\n').flatMap((id) => columns.find((column) => column.id === id) ?? []),
    [columns, order],
  );
}

interface GridProps<Row> extends DataTableProps<Row> {
  readonly source: RowSource<Row>;
  readonly visible: readonly Column<Row>[];
}

/** What a scroll draws anew: of the rows, those alone that come into view. */
function Grid<Row>(props: GridProps<Row>) {
  const { label, source: rows, visible, rowId, chosen, onChoose, onEnd, onView } = props;
  const { total = rows.count } = props;
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const current = useCurrentRow(rows, rowId);
  const virtual = useVirtualizer({
    count: rows.count,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: around,
  });
  useInSight(scroller, current.index, virtual.scrollToIndex);
  const items = virtual.getVirtualItems();
  const pool = useMost(items.length);
  // Rows are in order for whoever hears them, once the table is at rest; to move one in the page takes as long as to make it.
  const drawn = virtual.isScrolling ? items.toSorted((one, other) => (one.index % pool) - (other.index % pool)) : items;
  useSeen(
    { first: items[0]?.index ?? 0, last: items.at(-1)?.index ?? 0 },
    {
      count: rows.count,
      total,
      onEnd: useStable(() => onEnd?.()),
      onView: useStable((first, last) => onView?.(first, last)),
    },
  );
  const template = [...(onChoose === undefined ? [] : ['2.5rem']), ...visible.map(({ track }) => track)].join(' ');
  const choose = useStable((row: Row) => {
    const next = new Set(chosen);
    if (!next.delete(rowId(row))) {
      next.add(rowId(row));
    }
    onChoose?.(next);
  });
  const take = useStable(current.take);
  const isCurrent = (index: number) => index === current.index && rows.at(index) === current.row && rows.count > 0;
  const open = useStable((row: Row) => props.onOpen?.(row));
  const onKeyDown = (event: KeyboardEvent) => {
    const { index, row } = current;
    const step = movementOf(event.key, { current: index, last: rows.count - 1 });
    if (step !== undefined) {
      event.preventDefault();
      current.take(step);
      virtual.scrollToIndex(step);
    } else if (event.target === event.currentTarget && row !== undefined && isAct(event.key)) {
      event.preventDefault();
      (event.key === ' ' && onChoose !== undefined ? choose : open)(row);
    }
  };
  return (
    <div
      aria-activedescendant={isCurrent(current.index) ? `${id}-${current.index}` : undefined}
      aria-colcount={visible.length}
      aria-label={label}
      aria-rowcount={total + 1}
      className="table"
      onFocus={({ target, currentTarget }) => target === currentTarget && current.enter()}
      onKeyDown={onKeyDown}
      ref={scroller}
      role="grid"
      tabIndex={0}
    >
      <HeadRow {...props} template={template} />
      <div className="table-body" role="rowgroup" style={{ height: virtual.getTotalSize() }}>
        {drawn.map(({ index, start }) => {
          const row = rows.at(index);
          return (
            <TableRow
              {...{ row, index, start, template, visible, choose }}
              hasChoice={onChoose !== undefined}
              id={`${id}-${index}`}
              isChosen={row !== undefined && chosen?.has(rowId(row)) === true}
              isCurrent={isCurrent(index)}
              key={index % pool}
              onOpen={open}
              onTake={take}
            />
          );
        })}
      </div>
      {props.footer}
    </div>
  );
}

interface Seen {
  readonly first: number;
  readonly last: number;
}

interface Told {
  readonly count: number;
  readonly total: number;
  onEnd(): void;
  onView(first: number, last: number): void;
}

/** Tells the page which rows are looked at, and when the end of what is loaded is. */
function useSeen({ first, last }: Seen, { count, total, onEnd, onView }: Told): void {
  useEffect(() => {
    if (count < total && last >= count - 20) {
      onEnd();
    }
  }, [last, count, total, onEnd]);
  useEffect(() => onView(first, last), [first, last, onView]);
}

/**
 * How many rows were drawn at most. Their keys are taken modulo it, so that what leaves at one end is used for what comes in at the other: to
 * make a new one takes longer.
 */
function useMost(drawn: number): number {
  const [most, setMost] = useState(1);
  if (drawn > most) {
    setMost(drawn);
  }
  return Math.max(drawn, most);
}

/** Whoever goes on by keys sees where they are, also when rows come that move theirs. */
function useInSight(scroller: RefObject<HTMLElement | null>, index: number, scrollTo: (index: number) => void): void {
  const show = useStable(scrollTo);
  useEffect(() => {
    if (scroller.current !== null && scroller.current === document.activeElement) {
      show(index);
    }
  }, [scroller, index, show]);
}

const noRows: readonly never[] = [];

function sourceOf<Row>(rows: readonly Row[] | RowSource<Row>): RowSource<Row> {
  return 'count' in rows ? rows : { count: rows.length, at: (index) => rows[index] };
}

function isAct(key: string): boolean {
  return key === 'Enter' || key === ' ';
}

function movementOf(
  key: string,
  { current, last }: { readonly current: number; readonly last: number },
): number | undefined {
  const page = 15;
  const moves: Readonly<Record<string, number>> = {
    ArrowDown: current + 1,
    ArrowUp: current - 1,
    PageDown: current + page,
    PageUp: current - page,
    Home: 0,
    End: last,
  };
  const to = moves[key];
  return to === undefined ? undefined : Math.max(0, Math.min(last, to));
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

function loadedOf<Row>({ count, at }: RowSource<Row>): readonly Row[] {
  return Array.from({ length: count }, (_, index) => at(index)).filter((row) => row !== undefined);
}

interface TableRowProps<Row> {
  readonly id: string;
  /** Undefined: it will be here. */
  readonly row: Row | undefined;
  readonly index: number;
  readonly start: number;
  readonly template: string;
  readonly visible: readonly Column<Row>[];
  readonly isCurrent: boolean;
  readonly hasChoice: boolean;
  readonly isChosen: boolean;
  choose(row: Row): void;
  onOpen(row: Row): void;
  onTake(index: number): void;
}

/** Drawn anew only where something of it is another: every scroll asks. */
const TableRow = memo(BodyRow) as typeof BodyRow;

function BodyRow<Row>(props: TableRowProps<Row>) {
  const { id, row, index, start, template, isCurrent, hasChoice, isChosen } = props;
  const onClick = ({ target }: MouseEvent) => {
    props.onTake(index);
    if (row !== undefined && !(target instanceof Element && target.closest('a, button, input') !== null)) {
      props.onOpen(row);
    }
  };
  return (
    <div
      aria-busy={row === undefined ? true : undefined}
      aria-rowindex={index + 2}
      aria-selected={hasChoice ? isChosen : undefined}
      className={`table-row${isCurrent ? ' current' : ''}${isChosen ? ' chosen' : ''}`}
      id={id}
      onClick={onClick}
      role="row"
      style={{ gridTemplateColumns: template, transform: `translateY(${start}px)` }}
    >
      {row === undefined ? <Awaited /> : <Cells {...props} row={row} />}
    </div>
  );
}

/** Little to draw: whoever scrolls fast meets nothing else. */
function Awaited() {
  return (
    <span className="mute" role="gridcell">
      …
    </span>
  );
}

function Cells<Row>({ row, visible, hasChoice, isChosen, choose }: TableRowProps<Row> & { readonly row: Row }) {
  return (
    <>
      {hasChoice && (
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
    </>
  );
}
