import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { client } from '../../app/client.ts';
import { Badge } from '../../kit/badge.tsx';
import { type Column, DataTable } from '../../kit/data-table.tsx';
import { Ago } from '../../kit/moment.tsx';
import { PageHead } from '../../kit/page-head.tsx';
import { Answered, Empty } from '../../kit/page-states.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { bytesText, counted } from '../../words/amounts.ts';
import { type File, fileStateWords } from '../../words/files.ts';
import { Chips } from './chips.tsx';
import type { Chip } from './search.ts';

const route = getRouteApi('/shell/investigate');
const pageRows = 500;

const columns: readonly Column<File>[] = [
  { id: 'name', title: 'Name', track: 'minmax(10rem, 1fr)', show: ({ name }) => <ShownText text={name} /> },
  { id: 'path', title: 'Path', track: 'minmax(14rem, 2fr)', show: ({ path }) => <ShownText text={path} /> },
  {
    ...{ id: 'state', title: 'State', track: '9rem' },
    show: ({ state }) => <Badge tone={fileStateWords[state].tone}>{fileStateWords[state].label}</Badge>,
  },
  { id: 'size', title: 'Size', track: '6rem', align: 'end', show: ({ size }) => bytesText(size) },
  { id: 'hash', title: 'SHA-256', track: '9rem', show: ({ sha256 }) => <code>{sha256.slice(0, 12)}…</code> },
  { id: 'seen', title: 'Seen', track: '9rem', show: ({ seenAt }) => <Ago at={seenAt} /> },
];

/** Files, wherever they are. */
export function InvestigatePage(): ReactNode {
  const { where = [] } = route.useSearch();
  const navigate = useNavigate({ from: '/investigate' });
  const query = useInfiniteQuery({
    queryKey: ['files', 'search', where],
    enabled: where.length > 0,
    initialPageParam: 0,
    queryFn: ({ pageParam }) =>
      client.findFiles({ conditions: where.map(conditionOf), offset: pageParam, limit: pageRows }),
    getNextPageParam: ({ total }, pages) => {
      const loaded = pages.reduce((sum, { items }) => sum + items.length, 0);
      return loaded < total ? loaded : undefined;
    },
  });
  return (
    <>
      <PageHead title="Investigate">
        {query.data !== undefined && <p className="mute">{counted(query.data.pages[0]?.total ?? 0, 'file')}</p>}
      </PageHead>
      <Chips
        chips={where}
        onChange={(chips) => void navigate({ search: { where: chips.length === 0 ? undefined : [...chips] } })}
      />
      {where.length === 0 ? (
        <Empty title="What are you looking for?">
          Type a name, a part of a path, a pattern with *, or a hash, and press Enter.
        </Empty>
      ) : (
        <Answered query={query} what="the files">
          {({ pages }) =>
            (pages[0]?.total ?? 0) === 0 ? (
              <Empty title="No endpoint has reported such a file.">
                Files outside the directories that agents inventory are found by a live search: custody search --help.
              </Empty>
            ) : (
              <DataTable
                columns={columns}
                label="Files"
                onEnd={() => void (query.isFetchingNextPage || query.fetchNextPage())}
                onOpen={({ guid }) => void navigate({ to: '/files/$guid', params: { guid } })}
                rowId={({ guid }) => guid}
                rows={pages.flatMap(({ items }) => items)}
                total={pages[0]?.total ?? 0}
              />
            )
          }
        </Answered>
      )}
    </>
  );
}

function conditionOf({ field, operator, value }: Chip) {
  return { field, operator, values: [value] };
}
