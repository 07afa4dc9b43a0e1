import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { client } from '../../app/client.ts';
import { useMay } from '../../app/may.ts';
import { usePaged } from '../../app/paged.ts';
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
  // What is chosen and asked on one list is nothing on the other.
  return <ListCard key={list} list={list} text={text} />;
}

interface ListCardProps {
  readonly list: ListKind;
  readonly text: string | undefined;
}

type Question = 'add' | readonly string[];

function ListCard({ list, text }: ListCardProps) {
  const navigate = useNavigate({ from: '/settings/$section' });
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const [question, setQuestion] = useState<Question>();
  const mayManage = useMay('lists.manage');
  const { query, more } = useListed(list, text);
  // A row that went out of sight, by another filter or because somebody took it off, is not acted on.
  const chosen = query.data?.rows.map(({ hash }) => hash).filter((hash) => ticked.has(hash)) ?? [];
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
        <Tabs list={list} text={text} />
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
              onPress={() => setQuestion(chosen)}
              refusal={chosen.length === 0 ? 'Choose hashes in the table first.' : undefined}
            >
              Take {counted(chosen.length, 'hash', 'hashes')} off …
            </Button>
          )}
        </div>
        <Answered query={query} what="the list">
          {({ rows, total }) =>
            total === 0 ? (
              <Empty title={text === undefined ? 'No hash is on it.' : 'No hash on it is like that.'} />
            ) : (
              <DataTable
                {...(mayManage && { chosen: new Set(chosen), onChoose: setTicked })}
                columns={columns}
                label={listWords[list]}
                onEnd={more}
                rowId={({ hash }) => hash}
                rows={rows}
                total={total}
              />
            )
          }
        </Answered>
      </div>
      {question === 'add' && <ListDialog close={close} list={list} />}
      {question !== undefined && question !== 'add' && (
        <ForgetDialog close={close} hashes={question} list={list} onDone={() => setTicked(new Set())} />
      )}
    </Card>
  );
}

function Tabs({ list, text }: ListCardProps) {
  return (
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
  );
}

function useListed(list: ListKind, text: string | undefined) {
  return usePaged({
    queryKey: ['hashes', list, text],
    read: (page) =>
      client.findListedHashes({
        ...{ list, ...page },
        ...(text !== undefined && { hashContains: text.trim().toLowerCase() }),
      }),
    rowId: ({ hash }) => hash,
  });
}
