import { Link, useNavigate } from '@tanstack/react-router';
import { usePagesOfRows } from '../../app/pages-of-rows.ts';
import { Badge } from '../../kit/badge.tsx';
import { type Column, DataTable } from '../../kit/data-table.tsx';
import { FilterField } from '../../kit/filter-field.tsx';
import { Ago } from '../../kit/moment.tsx';
import { Answered, Empty } from '../../kit/page-states.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { bytesText, counted } from '../../words/amounts.ts';
import { type File, fileStateWords } from '../../words/files.ts';
import type { Endpoint } from '../../words/presences.ts';

const columns: readonly Column<File>[] = [
  { id: 'path', title: 'Path', track: 'minmax(16rem, 3fr)', show: ({ path }) => <ShownText text={path} /> },
  {
    ...{ id: 'state', title: 'State', track: '9rem' },
    show: ({ state }) => <Badge tone={fileStateWords[state].tone}>{fileStateWords[state].label}</Badge>,
  },
  { id: 'size', title: 'Size', track: '6rem', align: 'end', show: ({ size }) => bytesText(size) },
  { id: 'owner', title: 'Owner', track: '7rem', show: ({ owner }) => <ShownText text={owner} /> },
  { id: 'hash', title: 'SHA-256', track: '9rem', show: ({ sha256 }) => <code>{sha256.slice(0, 12)}…</code> },
  { id: 'seen', title: 'Seen', track: '9rem', show: ({ seenAt }) => <Ago at={seenAt} /> },
];

/** What its agent has listed of it. */
export function EndpointFiles({ endpoint, file }: { readonly endpoint: Endpoint; readonly file: string | undefined }) {
  const navigate = useNavigate({ from: '/endpoints/$endpointId' });
  const { beginning, rows, onView } = usePagesOfRows({
    queryKey: ['files', 'endpoint', endpoint.id, file],
    read: (page, ask) => ask.findFiles({ conditions: conditionsOf(endpoint.id, file), ...page }),
    rowId: ({ guid }) => guid,
  });
  return (
    <>
      <div className="filters">
        <FilterField
          label="Path (with * a pattern)"
          onChange={(text) =>
            void navigate({ search: (before) => ({ ...before, file: text || undefined }), replace: true })
          }
          value={file ?? ''}
        />
        {beginning.data !== undefined && <p className="mute">{counted(beginning.data.total, 'file')}</p>}
        <span className="grow" />
        <Link
          className="button plain"
          search={{ where: [{ field: 'endpointId', operator: 'is', value: endpoint.id }] }}
          to="/investigate"
        >
          More conditions
        </Link>
      </div>
      <Answered query={beginning} what="its files">
        {({ total }) =>
          total === 0 ? (
            <Empty
              title={file === undefined ? 'Its agent has listed no file.' : 'No file that it has listed is like that.'}
            >
              {endpoint.roots.length === 0
                ? 'It inventories no directory: enrol it again with --roots.'
                : `It inventories ${endpoint.roots.join(', ')}.`}
            </Empty>
          ) : (
            <DataTable
              columns={columns}
              label="Files of the endpoint"
              onOpen={({ guid }) => void navigate({ to: '/files/$guid', params: { guid } })}
              onView={onView}
              rowId={({ guid }) => guid}
              rows={rows}
            />
          )
        }
      </Answered>
    </>
  );
}

function conditionsOf(endpointId: string, file: string | undefined) {
  const ofEndpoint = { field: 'endpointId' as const, values: [endpointId] };
  if (file === undefined) {
    return [ofEndpoint];
  }
  const operator = /[*?]/.test(file) ? ('matches_wildcard' as const) : ('contains_ignore_case' as const);
  return [ofEndpoint, { field: 'path' as const, operator, values: [file] }];
}
