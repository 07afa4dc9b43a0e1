import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { client } from '../../app/client.ts';
import { Badge } from '../../kit/badge.tsx';
import { type Column, DataTable } from '../../kit/data-table.tsx';
import { Select } from '../../kit/fields.tsx';
import { FilterField } from '../../kit/filter-field.tsx';
import { Ago } from '../../kit/moment.tsx';
import { PageHead } from '../../kit/page-head.tsx';
import { Answered, Empty } from '../../kit/page-states.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { counted } from '../../words/amounts.ts';
import { type Endpoint, nameOf, presenceWords } from '../../words/presences.ts';
import { type EndpointsSearch, orders, presences } from './search.ts';

const route = getRouteApi('/shell/endpoints');
const pageRows = 500;

const columns: readonly Column<Endpoint>[] = [
  {
    ...{ id: 'name', title: 'Endpoint', track: 'minmax(12rem, 2fr)', sort: 'hostName' },
    show: (endpoint) => <ShownText text={nameOf(endpoint)} />,
  },
  {
    ...{ id: 'presence', title: 'Connection', track: '9rem' },
    show: ({ presence }) => <Badge tone={presenceWords[presence].tone}>{presenceWords[presence].label}</Badge>,
  },
  {
    ...{ id: 'system', title: 'System', track: 'minmax(8rem, 1fr)' },
    show: ({ operatingSystem, operatingSystemVersion }) => (
      <ShownText text={`${operatingSystem} ${operatingSystemVersion}`} />
    ),
  },
  { id: 'addresses', title: 'Addresses', track: 'minmax(8rem, 1fr)', show: ({ addresses }) => addresses.join(', ') },
  {
    ...{ id: 'tags', title: 'Tags', track: 'minmax(6rem, 1fr)' },
    show: ({ tags }) =>
      tags.map((tag) => (
        <span className="chip" key={tag}>
          <ShownText text={tag} />
        </span>
      )),
  },
  { id: 'agent', title: 'Agent', track: '6rem', show: ({ agentVersion }) => agentVersion },
  { id: 'seen', title: 'Last seen', track: '9rem', sort: 'lastSeen', show: ({ lastSeen }) => <Ago at={lastSeen} /> },
];

/** The fleet: who is there, and who is not. */
export function EndpointsPage() {
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/endpoints' });
  const change = (more: Partial<EndpointsSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...more }), replace: true });
  const query = useInfiniteQuery({
    queryKey: ['endpoints', 'list', search],
    initialPageParam: 0,
    queryFn: ({ pageParam }) => client.listEndpoints({ ...filterOf(search), offset: pageParam, limit: pageRows }),
    getNextPageParam: ({ total }, pages) => {
      const loaded = pages.reduce((sum, { items }) => sum + items.length, 0);
      return loaded < total ? loaded : undefined;
    },
  });
  return (
    <>
      <PageHead title="Endpoints">
        <Counts />
      </PageHead>
      <div className="filters">
        <FilterField
          label="Host or alias contains"
          onChange={(host) => change({ host: host || undefined })}
          value={search.host ?? ''}
        />
        <FilterField label="Tag" onChange={(tag) => change({ tag: tag || undefined })} value={search.tag ?? ''} />
        <Select
          choices={[
            { value: '', label: 'Any connection' },
            ...presences.map((each) => ({ value: each, label: presenceWords[each].label })),
          ]}
          label="Connection"
          onChange={(value) => change({ presence: presences.find((each) => each === value) })}
          value={search.presence ?? ''}
        />
      </div>
      <Answered query={query} what="the endpoints">
        {({ pages }) => {
          const rows = pages.flatMap(({ items }) => items);
          const total = pages[0]?.total ?? 0;
          return total === 0 ? (
            <NoEndpoints isFiltered={Object.values(search).some((value) => value !== undefined)} />
          ) : (
            <DataTable
              columns={columns}
              label="Endpoints"
              onEnd={() => void (query.isFetchingNextPage || query.fetchNextPage())}
              onOpen={({ id }) => void navigate({ to: '/endpoints/$endpointId', params: { endpointId: id } })}
              onSort={({ by, direction }) => change({ order: orders.find((each) => each === by), direction })}
              rowId={({ id }) => id}
              rows={rows}
              sorting={{ by: search.order ?? 'hostName', direction: search.direction ?? 'ascending' }}
              total={total}
            />
          );
        }}
      </Answered>
    </>
  );
}

function filterOf({ host, tag, presence, order, direction }: EndpointsSearch) {
  return {
    ...(host !== undefined && { hostNameContains: [host] }),
    ...(tag !== undefined && { tag: [tag] }),
    ...(presence !== undefined && { presence: [presence] }),
    ...(order !== undefined && { order }),
    ...(direction !== undefined && { direction }),
  };
}

function Counts() {
  const { data } = useQuery({
    queryKey: ['endpoints', 'counts'],
    queryFn: () => client.countEndpoints(),
    refetchInterval: 15_000,
  });
  return data === undefined ? null : (
    <p className="mute">
      {counted(data.connected, 'endpoint')} connected, {counted(data.disconnected + data.lost, 'endpoint')} away
    </p>
  );
}

function NoEndpoints({ isFiltered }: { readonly isFiltered: boolean }) {
  return isFiltered ? (
    <Empty title="No endpoint is like that.">Change the filters above.</Empty>
  ) : (
    <Empty title="No endpoint is enrolled yet.">
      <p>On this server, make a token; it is used once:</p>
      <pre>custody tokens create</pre>
      <p>On the machine, as root, with the server’s certificate authority and the token:</p>
      <pre>{`custody agent enroll --server ${location.origin} --ca ca.pem --token TOKEN\ncustody agent install`}</pre>
    </Empty>
  );
}
