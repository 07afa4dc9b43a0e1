import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { z } from 'zod';
import type { Client } from '#sdk/client.ts';
import { useKept } from '../../app/kept.ts';
import { type Listing, type PageOfRows, usePagesOfRows } from '../../app/pages-of-rows.ts';
import { type Column, DataTable } from '../../kit/data-table.tsx';
import { LayoutMenu } from '../../kit/layout-menu.tsx';
import { Answered, Empty } from '../../kit/page-states.tsx';
import { counted } from '../../words/amounts.ts';
import { askEndpoints, askFiles, askIncidents, askProcesses } from './ask.ts';
import { endpointColumns, fileColumns, incidentColumns, processColumns, usualFileColumns } from './columns.tsx';
import type { Chip } from './search.ts';
import type { SourceName } from './source-names.ts';
import { sources } from './sources.ts';

interface ResultsProps {
  readonly source: SourceName;
  readonly chips: readonly Chip[];
  /** What can be done where nothing was found. */
  readonly nothing: ReactNode;
}

/** What answers the query. The rows that are looked at are here, and no others. */
export function Results({ source, ...props }: ResultsProps) {
  const navigate = useNavigate();
  switch (source) {
    case 'files':
      return (
        <Rows
          {...props}
          ask={askFiles}
          columns={fileColumns}
          onOpen={({ guid }) => void navigate({ to: '/files/$guid', params: { guid } })}
          root="files"
          rowId={({ guid }) => guid}
          source={source}
          usual={usualFileColumns}
        />
      );
    case 'endpoints':
      return (
        <Rows
          {...props}
          ask={askEndpoints}
          columns={endpointColumns}
          onOpen={({ id }) => void navigate({ to: '/endpoints/$endpointId', params: { endpointId: id } })}
          root="endpoints"
          rowId={({ id }) => id}
          source={source}
        />
      );
    case 'processes':
      return (
        <Rows
          {...props}
          ask={askProcesses}
          columns={processColumns}
          onOpen={({ incidentId }) => void navigate({ to: '/incidents/$incidentId', params: { incidentId } })}
          root="incidents"
          rowId={({ incidentId, guid }) => `${incidentId} ${guid}`}
          source={source}
        />
      );
    case 'incidents':
      return (
        <Rows
          {...props}
          ask={askIncidents}
          columns={incidentColumns}
          onOpen={({ id }) => void navigate({ to: '/incidents/$incidentId', params: { incidentId: id } })}
          root="incidents"
          rowId={({ id }) => id}
          source={source}
        />
      );
  }
}

interface RowsProps<Row> extends ResultsProps {
  /** The first word of the query's key, by which what happens has it asked for anew. */
  readonly root: string;
  readonly columns: readonly Column<Row>[];
  readonly usual?: readonly string[];
  ask(chips: readonly Chip[], page: PageOfRows, client: Client): Promise<Listing<Row>>;
  rowId(row: Row): string;
  onOpen(row: Row): void;
}

function Rows<Row extends object>(props: RowsProps<Row>) {
  const { source, chips, columns, usual = columns.map(({ id }) => id), ask, rowId, onOpen, root, nothing } = props;
  const { beginning, rows, onView } = usePagesOfRows({
    queryKey: [root, 'found', source, chips],
    read: (page, client) => ask(chips, page, client),
    rowId,
  });
  const layout = z.array(z.enum(columns.map(({ id }) => id))).min(1);
  const [shown, keepShown] = useKept<readonly string[]>(`investigate.${source}.columns`, layout, usual);
  const { label, nouns } = sources[source];
  return (
    <Answered query={beginning} what={`the ${nouns[1]}`}>
      {({ total }) =>
        total === 0 ? (
          <Empty title={chips.length === 0 ? `There are no ${nouns[1]} yet.` : `No ${nouns[0]} is like that.`}>
            {nothing}
          </Empty>
        ) : (
          <section aria-label="What was found">
            <div className="found-head">
              <p aria-live="polite">{counted(total, nouns[0], nouns[1])}</p>
              <LayoutMenu columns={columns} onChange={keepShown} shown={shown} usual={usual} />
            </div>
            <DataTable
              columns={columns}
              label={label}
              onOpen={onOpen}
              onView={onView}
              rowId={rowId}
              rows={rows}
              shown={shown}
            />
          </section>
        )
      }
    </Answered>
  );
}
