import '../style/simple-table.css';
import type { ReactNode } from 'react';

export interface SimpleColumn<Row> {
  readonly title: string;
  show(row: Row): ReactNode;
}

interface SimpleTableProps<Row> {
  /** What the table holds, for whoever cannot see it. */
  readonly label: string;
  readonly rows: readonly Row[];
  readonly columns: readonly SimpleColumn<Row>[];
  rowId(row: Row): string;
}

/** A few rows, all of them in the page: what a DataTable would be too much for. On narrow screens each row is a list. */
export function SimpleTable<Row>({ label, rows, columns, rowId }: SimpleTableProps<Row>) {
  return (
    <table aria-label={label} className="simple-table">
      <thead>
        <tr>
          {columns.map(({ title }) => (
            <th key={title} scope="col">
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={rowId(row)}>
            {columns.map(({ title, show }) => (
              <td data-title={title} key={title}>
                <div>{show(row)}</div>
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
