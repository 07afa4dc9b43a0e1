import '../../style/tabs.css';
import '../../style/endpoints.css';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { z } from 'zod';
import { client } from '../../app/client.ts';
import { useKept } from '../../app/kept.ts';
import { useMay } from '../../app/may.ts';
import { usePaged } from '../../app/paged.ts';
import { Button } from '../../kit/button.tsx';
import { DataTable } from '../../kit/data-table.tsx';
import { Select } from '../../kit/fields.tsx';
import { FilterField } from '../../kit/filter-field.tsx';
import { LayoutMenu } from '../../kit/layout-menu.tsx';
import { PageHead } from '../../kit/page-head.tsx';
import { Answered, Empty } from '../../kit/page-states.tsx';
import { counted } from '../../words/amounts.ts';
import { platformWords } from '../../words/platforms.ts';
import type { Endpoint } from '../../words/presences.ts';
import { EndpointDialogs, type EndpointQuestion } from './endpoint-dialogs.tsx';
import { Enrolment } from './enrolment.tsx';
import { fleetColumns, usualFleetColumns } from './fleet-columns.tsx';
import { type EndpointsSearch, orders, platforms } from './search.ts';

const route = getRouteApi('/shell/endpoints');
const layoutSchema = z.array(z.enum(fleetColumns.map(({ id }) => id))).min(1);

/** The fleet: who is there, who is not, and how others come into it. */
export function EndpointsPage(): ReactNode {
  const { view } = route.useSearch();
  const mayEnrol = useMay('endpoints.enrol');
  return (
    <>
      <PageHead title={view === 'enrolment' ? 'Enrolment' : 'Endpoints'}>
        <span className="grow" />
        {mayEnrol &&
          (view === 'enrolment' ? (
            <Link className="button plain" search={{}} to="/endpoints">
              Back to the fleet
            </Link>
          ) : (
            <Link className="button main" search={{ view: 'enrolment' }} to="/endpoints">
              Enrol machines
            </Link>
          ))}
      </PageHead>
      {view === 'enrolment' ? <Enrolment /> : <Fleet />}
    </>
  );
}

function Fleet() {
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/endpoints' });
  const [shown, keepShown] = useKept<readonly string[]>('endpoints.columns', layoutSchema, usualFleetColumns);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const mayManage = useMay('endpoints.manage');
  const change = (more: Partial<EndpointsSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...more }), replace: true });
  const { query, more } = usePaged({
    queryKey: ['endpoints', 'list', search],
    read: (page) => client.listEndpoints({ ...filterOf(search), ...page }),
    rowId: ({ id }) => id,
  });
  return (
    <>
      <Groups />
      <div className="filters">
        <Filters change={change} />
        <span className="grow" />
        <LayoutMenu columns={fleetColumns} onChange={keepShown} shown={shown} usual={usualFleetColumns} />
      </div>
      <Answered query={query} what="the endpoints">
        {({ rows, total }) =>
          total === 0 ? (
            <NoEndpoints isFiltered={Object.values(search).some((value) => value !== undefined)} />
          ) : (
            <>
              {mayManage && (
                <ChosenBar chosen={rows.filter(({ id }) => chosen.has(id))} onDone={() => setChosen(new Set())} />
              )}
              <DataTable
                {...(mayManage && { chosen, onChoose: setChosen })}
                columns={fleetColumns}
                label="Endpoints"
                onEnd={more}
                onOpen={({ id }) => void navigate({ to: '/endpoints/$endpointId', params: { endpointId: id } })}
                onSort={({ by, direction }) => change({ order: orders.find((each) => each === by), direction })}
                rowId={({ id }) => id}
                rows={rows}
                shown={shown}
                sorting={{ by: search.order ?? 'hostName', direction: search.direction ?? 'ascending' }}
                total={total}
              />
            </>
          )
        }
      </Answered>
    </>
  );
}

function Filters({ change }: { change(more: Partial<EndpointsSearch>): void }) {
  const { host, alias, tag, user, address, platform } = route.useSearch();
  return (
    <>
      <FilterField label="Host contains" onChange={(text) => change({ host: text || undefined })} value={host ?? ''} />
      <FilterField
        label="Alias contains"
        onChange={(text) => change({ alias: text || undefined })}
        value={alias ?? ''}
      />
      <FilterField label="Tag" onChange={(text) => change({ tag: text || undefined })} value={tag ?? ''} />
      <FilterField label="User contains" onChange={(text) => change({ user: text || undefined })} value={user ?? ''} />
      <FilterField label="Address" onChange={(text) => change({ address: text || undefined })} value={address ?? ''} />
      <Select
        choices={[
          { value: '', label: 'Any platform' },
          ...platforms.map((each) => ({ value: each, label: platformWords[each] })),
        ]}
        label="Platform"
        onChange={(value) => change({ platform: platforms.find((each) => each === value) })}
        value={platform ?? ''}
      />
    </>
  );
}

function filterOf({ host, alias, tag, user, address, presence, aside, platform, order, direction }: EndpointsSearch) {
  return {
    ...(host !== undefined && { hostNameContains: [host] }),
    ...(alias !== undefined && { aliasContains: [alias] }),
    ...(tag !== undefined && { tag: [tag] }),
    ...(user !== undefined && { userContains: [user] }),
    ...(address !== undefined && { address: [address] }),
    ...(platform !== undefined && { platform: [platform] }),
    ...standsOf({ presence, aside }),
    ...(order !== undefined && { order }),
    ...(direction !== undefined && { direction }),
  };
}

/** Those that were put aside or revoked are a group each; the fleet is listed without them. */
function standsOf({ presence, aside }: Pick<EndpointsSearch, 'presence' | 'aside'>) {
  if (aside === 'revoked') {
    return { revoked: 'true' as const };
  }
  return {
    revoked: 'false' as const,
    archived: aside === 'archived' ? ('true' as const) : ('false' as const),
    ...(presence !== undefined && { presence: [presence] }),
  };
}

type Group = Pick<EndpointsSearch, 'presence' | 'aside'>;

/** Of what endpoints there are how many. */
function Groups() {
  const { data } = useQuery({
    queryKey: ['endpoints', 'counts'],
    queryFn: () => client.countEndpoints(),
    refetchInterval: 15_000,
  });
  const groups: readonly { readonly title: string; readonly group: Group; readonly count?: number | undefined }[] = [
    { title: 'All', group: {}, count: data && data.connected + data.disconnected + data.lost },
    { title: 'Connected', group: { presence: 'connected' }, count: data?.connected },
    { title: 'Offline', group: { presence: 'disconnected' }, count: data?.disconnected },
    { title: 'Lost', group: { presence: 'lost' }, count: data?.lost },
    { title: 'Archived', group: { aside: 'archived' }, count: data?.archived },
    { title: 'Revoked', group: { aside: 'revoked' } },
  ];
  return (
    <nav aria-label="Groups of endpoints" className="tabs">
      {groups.map(({ title, group, count }) => (
        <Link
          activeOptions={{ explicitUndefined: true }}
          className="tab"
          from="/endpoints"
          key={title}
          search={(before) => ({ ...before, presence: undefined, aside: undefined, ...group })}
          to="/endpoints"
        >
          {title} {count !== undefined && <span className="count">{count}</span>}
        </Link>
      ))}
    </nav>
  );
}

/** What can be done with the rows that were chosen. */
function ChosenBar({ chosen, onDone }: { readonly chosen: readonly Endpoint[]; onDone(): void }) {
  const [question, setQuestion] = useState<EndpointQuestion>();
  const refusal = chosen.length === 0 ? 'Choose endpoints in the table first.' : undefined;
  const areAside = chosen.length > 0 && chosen.every(({ archivedAt }) => archivedAt !== null);
  const areRevoked = chosen.some(({ revokedAt }) => revokedAt !== null);
  const all = { refusal: areRevoked ? 'Revoked endpoints cannot be changed any more.' : refusal };
  return (
    <div className="chosen-bar">
      <span className="mute">{counted(chosen.length, 'endpoint')} chosen</span>
      <Button {...all} onPress={() => setQuestion('tag')}>
        Tags …
      </Button>
      <Button {...all} onPress={() => setQuestion(areAside ? 'unarchive' : 'archive')}>
        {areAside ? 'Bring back …' : 'Archive …'}
      </Button>
      <Button {...all} onPress={() => setQuestion('revoke')}>
        Revoke …
      </Button>
      <EndpointDialogs close={() => setQuestion(undefined)} endpoints={chosen} onDone={onDone} question={question} />
    </div>
  );
}

function NoEndpoints({ isFiltered }: { readonly isFiltered: boolean }) {
  const mayEnrol = useMay('endpoints.enrol');
  return isFiltered ? (
    <Empty title="No endpoint is like that.">Change the group or the filters above.</Empty>
  ) : (
    <Empty title="No endpoint is enrolled yet.">
      {mayEnrol ? (
        <Link className="button main" search={{ view: 'enrolment' }} to="/endpoints">
          Enrol the first machine
        </Link>
      ) : (
        <p>Your role may not enrol machines: ask an administrator.</p>
      )}
    </Empty>
  );
}
