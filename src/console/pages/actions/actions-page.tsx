import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { z } from 'zod';
import { client } from '../../app/client.ts';
import { useKept } from '../../app/kept.ts';
import { Button } from '../../kit/button.tsx';
import { DataTable } from '../../kit/data-table.tsx';
import { Select, TextField } from '../../kit/fields.tsx';
import { FilterField } from '../../kit/filter-field.tsx';
import { LayoutMenu } from '../../kit/layout-menu.tsx';
import { PageHead } from '../../kit/page-head.tsx';
import { Answered, Empty } from '../../kit/page-states.tsx';
import { verbWords } from '../../words/statuses.ts';
import { actionColumns, usualColumns } from './action-columns.tsx';
import { type ActionsSearch, actionsSearch } from './search.ts';

const route = getRouteApi('/shell/actions');
const pageRows = 200;
const layoutSchema = z.array(z.enum(actionColumns.map(({ id }) => id))).min(1);

/** Every order, and how it went. */
export function ActionsPage() {
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/actions' });
  const [shown, keepShown] = useKept<readonly string[]>('actions.columns', layoutSchema, usualColumns);
  const change = (more: Partial<ActionsSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...more }), replace: true });
  const query = useInfiniteQuery({
    queryKey: ['actions', 'list', search],
    initialPageParam: 0,
    queryFn: ({ pageParam }) => client.listActions({ ...filterOf(search), offset: pageParam, limit: pageRows }),
    getNextPageParam: ({ total }, pages) => {
      const loaded = pages.reduce((sum, { items }) => sum + items.length, 0);
      return loaded < total ? loaded : undefined;
    },
  });
  return (
    <>
      <PageHead title="Action Center" />
      <div className="filters">
        <ById />
        <Select
          choices={[
            { value: '', label: 'All actions' },
            ...Object.entries(verbWords).map(([value, label]) => ({ value, label })),
          ]}
          label="Action"
          onChange={(value) => change(actionsSearch.parse({ verb: value === '' ? undefined : value }))}
          value={search.verb ?? ''}
        />
        <FilterField
          label="Incident"
          onChange={(incident) => change({ incident: incident || undefined })}
          value={search.incident ?? ''}
        />
        <span className="grow" />
        <LayoutMenu columns={actionColumns} onChange={keepShown} shown={shown} usual={usualColumns} />
      </div>
      <Answered query={query} what="the actions">
        {({ pages }) => {
          const total = pages[0]?.total ?? 0;
          return total === 0 ? (
            <Empty title="No action is like that.">
              What is fetched, quarantined or restored stands here from the moment that it is ordered.
            </Empty>
          ) : (
            <DataTable
              columns={actionColumns}
              label="Actions"
              onEnd={() => void (query.isFetchingNextPage || query.fetchNextPage())}
              onOpen={({ id }) => void navigate({ to: '/actions/$actionId', params: { actionId: id } })}
              rowId={({ id }) => id}
              rows={pages.flatMap(({ items }) => items)}
              shown={shown}
              total={total}
            />
          );
        }}
      </Answered>
    </>
  );
}

function filterOf({ verb, incident }: ActionsSearch) {
  return { ...(verb !== undefined && { verb: [verb] }), ...(incident !== undefined && { incidentId: incident }) };
}

/** A whole id, as a script or a ticket has it. */
function ById() {
  const navigate = useNavigate();
  const [id, setId] = useState('');
  const open = (event: FormEvent) => {
    event.preventDefault();
    void navigate({ to: '/actions/$actionId', params: { actionId: id.trim() } });
  };
  return (
    <form className="by-id" onSubmit={open}>
      <TextField label="Action ID" onChange={setId} value={id} />
      <Button isDisabled={id.trim() === ''} type="submit">
        Open
      </Button>
    </form>
  );
}
