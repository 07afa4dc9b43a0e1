import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { client } from '../../app/client.ts';
import { Badge } from '../../kit/badge.tsx';
import { type Column, DataTable } from '../../kit/data-table.tsx';
import { FilterField } from '../../kit/filter-field.tsx';
import { Ago } from '../../kit/moment.tsx';
import { Answered, Empty } from '../../kit/page-states.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { bytesText, counted } from '../../words/amounts.ts';
import { type File, fileStateWords } from '../../words/files.ts';
import type { Endpoint } from '../../words/presences.ts';

const pageRows = 500;

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
  const query = useInfiniteQuery({
    queryKey: ['files', 'endpoint', endpoint.id, file],
    initialPageParam: 0,
    queryFn: ({ pageParam }) =>
      client.findFiles({ conditions: conditionsOf(endpoint.id, file), offset: pageParam, limit: pageRows }),
    getNextPageParam: ({ total }, pages) => {
      const loaded = pages.reduce((sum, { items }) => sum + items.length, 0);
      return loaded < total ? loaded : undefined;
    },
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
        {query.data !== undefined && <p className="mute">{counted(query.data.pages[0]?.total ?? 0, 'file')}</p>}
        <span className="grow" />
        <Link
          className="button plain"
          search={{ where: [{ field: 'endpointId', operator: 'is', value: endpoint.id }] }}
          to="/investigate"
        >
          More conditions
        </Link>
      </div>
      <Answered query={query} what="its files">
        {({ pages }) =>
          (pages[0]?.total ?? 0) === 0 ? (
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
              onEnd={() => void (query.isFetchingNextPage || query.fetchNextPage())}
              onOpen={({ guid }) => void navigate({ to: '/files/$guid', params: { guid } })}
              rowId={({ guid }) => guid}
              rows={pages.flatMap(({ items }) => items)}
              total={pages[0]?.total ?? 0}
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
