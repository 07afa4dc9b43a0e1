import type { ReactNode } from 'react';
import '../../style/actions.css';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { z } from 'zod';
import { actionColumns, usualColumns } from '../../app/action-columns.tsx';
import { client } from '../../app/client.ts';
import { useKept } from '../../app/kept.ts';
import { usePagesOfRows } from '../../app/pages-of-rows.ts';
import { meQuery } from '../../app/queries.ts';
import { Button } from '../../kit/button.tsx';
import { DataTable } from '../../kit/data-table.tsx';
import { Checkbox, Select } from '../../kit/fields.tsx';
import { FilterField } from '../../kit/filter-field.tsx';
import { LayoutMenu } from '../../kit/layout-menu.tsx';
import { PageHead } from '../../kit/page-head.tsx';
import { Answered, Empty } from '../../kit/page-states.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { verbWords } from '../../words/statuses.ts';
import { conditionsOf, periodWords } from './conditions.ts';
import { ExportMenu } from './export-menu.tsx';
import { type ActionsSearch, actionsSearch } from './search.ts';
import { StatusCounts } from './status-counts.tsx';

const route = getRouteApi('/shell/actions');
const layoutSchema = z.array(z.enum(actionColumns.map(({ id }) => id))).min(1);

/** Every order, and how it went. */
export function ActionsPage(): ReactNode {
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/actions' });
  const [shown, keepShown] = useKept<readonly string[]>('actions.columns', layoutSchema, usualColumns);
  const change = (more: { readonly [Name in keyof ActionsSearch]: unknown }) =>
    void navigate({ search: (before) => actionsSearch.parse({ ...before, ...more }), replace: true });
  const asked = () => ({ ...conditionsOf(search), ...(search.status !== undefined && { status: search.status }) });
  const { beginning, rows, onView } = usePagesOfRows({
    queryKey: ['actions', 'list', search],
    read: (page, ask) => ask.listActions({ ...asked(), ...page }),
    rowId: ({ id }) => id,
  });
  return (
    <>
      <PageHead title="Action Center">
        <span className="grow" />
        <ExportMenu
          columns={shown.flatMap((id) => actionColumns.find((column) => column.id === id) ?? [])}
          query={asked()}
        />
        <LayoutMenu columns={actionColumns} onChange={keepShown} shown={shown} usual={usualColumns} />
      </PageHead>
      <Filters change={change} search={search} />
      <StatusCounts onChange={(status) => change({ status })} search={search} />
      <Answered query={beginning} what="the actions">
        {({ total }) =>
          total === 0 ? (
            <NoActions isNarrowed={Object.values(search).some((value) => value !== undefined)} />
          ) : (
            <DataTable
              columns={actionColumns}
              label="Actions"
              onOpen={({ id }) => void navigate({ to: '/actions/$actionId', params: { actionId: id } })}
              onView={onView}
              rowId={({ id }) => id}
              rows={rows}
              shown={shown}
            />
          )
        }
      </Answered>
    </>
  );
}

function NoActions({ isNarrowed }: { readonly isNarrowed: boolean }) {
  const navigate = useNavigate({ from: '/actions' });
  return isNarrowed ? (
    <Empty title="No action is like that.">
      <Button onPress={() => void navigate({ search: {} })}>Show all actions</Button>
    </Empty>
  ) : (
    <Empty title="Nothing was ordered yet.">
      What is fetched, quarantined or restored stands here from the moment that it is ordered.
    </Empty>
  );
}

interface FiltersProps {
  readonly search: ActionsSearch;
  change(more: { readonly [Name in keyof ActionsSearch]: unknown }): void;
}

function Filters({ search, change }: FiltersProps) {
  const { data: me } = useQuery(meQuery);
  return (
    <div className="filters">
      <FilterField
        label="Action ID"
        onChange={(id) => change({ id: id.replaceAll(/\D/g, '') || undefined })}
        value={search.id ?? ''}
      />
      <Select
        choices={[
          { value: '', label: 'All actions' },
          ...Object.entries(verbWords).map(([value, label]) => ({ value, label })),
        ]}
        label="Action"
        onChange={(verb) => change({ verb: verb || undefined })}
        value={search.verb ?? ''}
      />
      <Select
        choices={[
          { value: '', label: 'At any time' },
          ...Object.entries(periodWords).map(([value, label]) => ({ value, label })),
        ]}
        label="Ordered"
        onChange={(within) => change({ within: within || undefined })}
        value={search.within ?? ''}
      />
      <FilterField
        label="Incident"
        onChange={(incident) => change({ incident: incident || undefined })}
        value={search.incident ?? ''}
      />
      <Checkbox isSelected={search.by !== undefined} onChange={(isOn) => change({ by: isOn ? me?.id : undefined })}>
        {search.by === undefined || search.by === me?.id ? 'Ordered by me' : 'Ordered by one person'}
      </Checkbox>
      {search.unconfirmed === true && (
        <span className="chip">
          Waits to be confirmed
          <Button
            aria-label="Show what does not wait, too"
            look="quiet"
            onPress={() => change({ unconfirmed: undefined })}
          >
            ✕
          </Button>
        </span>
      )}
      {search.endpoint !== undefined && (
        <OnEndpoint endpointId={search.endpoint} onClear={() => change({ endpoint: undefined })} />
      )}
    </div>
  );
}

interface OnEndpointProps {
  readonly endpointId: string;
  onClear(): void;
}

function OnEndpoint({ endpointId, onClear }: OnEndpointProps) {
  const { data } = useQuery({
    queryKey: ['endpoints', endpointId],
    queryFn: () => client.readEndpoint(endpointId),
  });
  return (
    <span className="chip">
      On <ShownText text={data?.hostName ?? endpointId} />
      <Button aria-label="Show the actions of all endpoints" look="quiet" onPress={onClear}>
        ✕
      </Button>
    </span>
  );
}
