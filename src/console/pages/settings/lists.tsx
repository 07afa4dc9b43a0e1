import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { client } from '../../app/client.ts';
import { useMay } from '../../app/may.ts';
import { Badge } from '../../kit/badge.tsx';
import { Button } from '../../kit/button.tsx';
import { type Column, DataTable } from '../../kit/data-table.tsx';
import { FilterField } from '../../kit/filter-field.tsx';
import { Moment } from '../../kit/moment.tsx';
import { Answered, Empty } from '../../kit/page-states.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { counted } from '../../words/amounts.ts';
import { type ListedHash, type ListKind, listWords } from '../../words/hash-lists.ts';
import { Card } from './card.tsx';
import { ForgetDialog, ListDialog } from './list-dialogs.tsx';

const route = getRouteApi('/shell/settings/$section');
const pageRows = 500;
const kinds: readonly ListKind[] = ['block', 'allow'];

const listMeanings: Readonly<Record<ListKind, string>> = {
  block: 'Files with these hashes are bad, on every endpoint, now and later.',
  allow: 'Files with these hashes are never quarantined because of a list.',
};

const columns: readonly Column<ListedHash>[] = [
  { id: 'hash', title: 'Hash', track: 'minmax(14rem, 2fr)', show: ({ hash }) => <code title={hash}>{hash}</code> },
  {
    ...{ id: 'prevent', title: 'New files', track: '9rem' },
    show: ({ list, prevent }) => (
      <Badge tone={list === 'block' && prevent ? 'bad' : 'mute'}>
        {list === 'block' && prevent ? 'Quarantined' : 'Left alone'}
      </Badge>
    ),
  },
  {
    ...{ id: 'comment', title: 'Comment', track: 'minmax(10rem, 2fr)' },
    show: ({ comment }) => <ShownText text={comment} />,
  },
  { id: 'incident', title: 'Incident', track: '7rem', show: ({ incidentId }) => <ShownText text={incidentId ?? ''} /> },
  { id: 'by', title: 'By', track: 'minmax(8rem, 1fr)', show: ({ listedBy }) => <ShownText text={listedBy.name} /> },
  { id: 'at', title: 'Since', track: '12rem', show: ({ listedAt }) => <Moment at={listedAt} /> },
  {
    ...{ id: 'until', title: 'Until', track: '12rem' },
    show: ({ expiresAt }) => (expiresAt === null ? 'for ever' : <Moment at={expiresAt} />),
  },
];

/** Hashes that a team decided about, for every endpoint. */
export function ListsSection() {
  const { list = 'block', text } = route.useSearch();
  const navigate = useNavigate({ from: '/settings/$section' });
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [question, setQuestion] = useState<'add' | 'remove'>();
  const mayManage = useMay('lists.manage');
  const query = useListed(list, text);
  const close = () => setQuestion(undefined);
  return (
    <Card
      buttons={
        mayManage && (
          <Button look="main" onPress={() => setQuestion('add')}>
            {list === 'block' ? 'Block hashes …' : 'Allow hashes …'}
          </Button>
        )
      }
      title="Hash lists"
    >
      <div className="stack">
        <nav aria-label="Lists" className="tabs">
          {kinds.map((each) => (
            <Link
              aria-current={each === list ? 'page' : undefined}
              className="tab"
              key={each}
              params={{ section: 'lists' }}
              search={{ list: each, text }}
              to="/settings/$section"
            >
              {listWords[each]}
            </Link>
          ))}
        </nav>
        <p className="mute">{listMeanings[list]}</p>
        <div className="filters">
          <FilterField
            label="Hash contains"
            onChange={(part) =>
              void navigate({ search: (before) => ({ ...before, text: part || undefined }), replace: true })
            }
            value={text ?? ''}
          />
          {mayManage && (
            <Button
              onPress={() => setQuestion('remove')}
              refusal={chosen.size === 0 ? 'Choose hashes in the table first.' : undefined}
            >
              Take {counted(chosen.size, 'hash', 'hashes')} off …
            </Button>
          )}
        </div>
        <Answered query={query} what="the list">
          {({ pages }) =>
            (pages[0]?.total ?? 0) === 0 ? (
              <Empty title={text === undefined ? 'No hash is on it.' : 'No hash on it is like that.'} />
            ) : (
              <DataTable
                {...(mayManage && { chosen, onChoose: setChosen })}
                columns={columns}
                label={listWords[list]}
                onEnd={() => void (query.isFetchingNextPage || query.fetchNextPage())}
                rowId={({ hash }) => hash}
                rows={pages.flatMap(({ items }) => items)}
                total={pages[0]?.total ?? 0}
              />
            )
          }
        </Answered>
      </div>
      {question === 'add' && <ListDialog close={close} list={list} />}
      <ForgetDialog
        close={close}
        hashes={[...chosen]}
        isOpen={question === 'remove'}
        list={list}
        onDone={() => setChosen(new Set())}
      />
    </Card>
  );
}

function useListed(list: ListKind, text: string | undefined) {
  return useInfiniteQuery({
    queryKey: ['hashes', list, text],
    initialPageParam: 0,
    queryFn: ({ pageParam }) =>
      client.findListedHashes({
        ...{ list, offset: pageParam, limit: pageRows },
        ...(text !== undefined && { hashContains: text.trim().toLowerCase() }),
      }),
    getNextPageParam: ({ total }, pages) => {
      const loaded = pages.reduce((sum, { items }) => sum + items.length, 0);
      return loaded < total ? loaded : undefined;
    },
  });
}
