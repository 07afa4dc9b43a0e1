import { useNavigate } from '@tanstack/react-router';
import { type FileOnHost, findFilesWithHosts } from '../../app/files-with-hosts.ts';
import { usePagesOfRows } from '../../app/pages-of-rows.ts';
import { Badge } from '../../kit/badge.tsx';
import { type Column, DataTable } from '../../kit/data-table.tsx';
import { Ago } from '../../kit/moment.tsx';
import { Answered } from '../../kit/page-states.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { counted } from '../../words/amounts.ts';
import { type File, fileStateWords } from '../../words/files.ts';

const columns: readonly Column<FileOnHost>[] = [
  {
    ...{ id: 'host', title: 'Endpoint', track: 'minmax(8rem, 1fr)' },
    show: ({ hostName, endpointId }) => <ShownText text={hostName ?? endpointId} />,
  },
  { id: 'path', title: 'Path', track: 'minmax(12rem, 3fr)', show: ({ path }) => <ShownText text={path} /> },
  {
    ...{ id: 'state', title: 'State', track: '9rem' },
    show: ({ state }) => <Badge tone={fileStateWords[state].tone}>{fileStateWords[state].label}</Badge>,
  },
  { id: 'seen', title: 'Last reported', track: '9rem', show: ({ seenAt }) => <Ago at={seenAt} /> },
];

/** The same bytes, wherever they are or were; this file among them. */
export function Copies({ file: { sha256 } }: { readonly file: File }) {
  const navigate = useNavigate();
  const { beginning, rows, onView } = usePagesOfRows({
    queryKey: ['files', 'copies', sha256],
    read: (page, ask) =>
      findFilesWithHosts(
        {
          conditions: [{ field: 'sha256', values: [sha256] }],
          states: ['present', 'quarantined', 'gone'],
          ...page,
        },
        ask,
      ),
    rowId: ({ guid }) => guid,
  });
  return (
    <section className="card">
      <h2>The same bytes across the fleet</h2>
      <Answered query={beginning} what="the copies">
        {({ total }) => (
          <>
            <p className="mute">
              {total <= 1 ? 'No other endpoint or path has them.' : `${counted(total, 'file')}, this one among them.`}
            </p>
            {total > 1 && (
              <DataTable
                columns={columns}
                label="Copies"
                onOpen={({ guid }) => void navigate({ to: '/files/$guid', params: { guid } })}
                onView={onView}
                rowId={({ guid }) => guid}
                rows={rows}
              />
            )}
          </>
        )}
      </Answered>
    </section>
  );
}
