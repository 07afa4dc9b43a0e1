import type { ReactNode } from 'react';
import '../../style/approvals.css';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { client } from '../../app/client.ts';
import { usePaged } from '../../app/paged.ts';
import { meQuery, serverQuery } from '../../app/queries.ts';
import { Badge } from '../../kit/badge.tsx';
import { type Column, DataTable } from '../../kit/data-table.tsx';
import { Ago, Moment } from '../../kit/moment.tsx';
import { PageHead } from '../../kit/page-head.tsx';
import { Answered, Empty } from '../../kit/page-states.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { approvalStateWords, type ListedApproval, ruleText, widthOf } from '../../words/approvals.ts';
import { verbWords } from '../../words/statuses.ts';

/** Approvals end by the clock, too. */
const lookAgain = 20_000;
const mostWaiting = 200;

/** What waits for a second person, and what became of what waited. */
export function ApprovalsPage(): ReactNode {
  return (
    <>
      <PageHead title="Approvals" />
      <BrokenGlass />
      <section aria-labelledby="waiting" className="approvals">
        <h2 id="waiting">Waiting for a decision</h2>
        <Waiting />
      </section>
      <section aria-labelledby="decided" className="approvals">
        <h2 id="decided">Decided</h2>
        <Decided />
      </section>
    </>
  );
}

/** Everybody is told for a day. */
function BrokenGlass() {
  const { data: server } = useQuery(serverQuery);
  const alerts = server?.alerts.filter(({ kind }) => kind === 'glass_broken') ?? [];
  return alerts.map(({ actionId, by, at, reason }) => (
    <p className="banner bad" key={actionId} role="alert">
      <ShownText text={by.name} /> let an order out alone, for which two people are needed (<Ago at={at} />
      ):{' '}
      <Link className="banner-link" params={{ actionId }} to="/approvals/$actionId">
        action {actionId}
      </Link>
      . Reason: <ShownText text={reason} />
    </p>
  ));
}

function Waiting() {
  const query = useQuery({
    queryKey: ['approvals', 'waiting'],
    queryFn: () => client.listApprovals({ limit: mostWaiting }),
    refetchInterval: lookAgain,
  });
  return (
    <Answered query={query} what="what waits">
      {({ items, total }) =>
        total === 0 ? (
          <Empty title="Nothing waits for a second person.">
            An order that is wider than one person should give alone stands here until somebody else decides.
          </Empty>
        ) : (
          <ul className="plain-list">
            {items.map((approval) => (
              <WaitingCard approval={approval} key={approval.actionId} />
            ))}
            {total > items.length && <li className="mute">and {total - items.length} more</li>}
          </ul>
        )
      }
    </Answered>
  );
}

function WaitingCard({ approval }: { readonly approval: ListedApproval }) {
  const { data: me } = useQuery(meQuery);
  const { actionId, verb, requestedBy, requestedAt, requester, expiresAt, rules } = approval;
  return (
    <li className="card waiting">
      <h3>
        <Link params={{ actionId }} to="/approvals/$actionId">
          {verbWords[verb]}: {widthOf(approval)}
        </Link>
      </h3>
      <p>
        Ordered by <ShownText text={requestedBy.name} /> <Ago at={requestedAt} />.{' '}
        {me?.id === requester && <strong>By your own word: you cannot approve it as the second person. </strong>}
        <span className="mute">
          It ends by itself <Ago at={expiresAt} /> unless somebody decides.
        </span>
      </p>
      <ul>
        {rules.map((rule) => (
          <li key={rule.rule}>{ruleText(rule)}</li>
        ))}
      </ul>
    </li>
  );
}

const columns: readonly Column<ListedApproval>[] = [
  {
    ...{ id: 'state', title: 'Decision', track: '15rem' },
    show: ({ state }) => <Badge tone={approvalStateWords[state].tone}>{approvalStateWords[state].label}</Badge>,
  },
  { id: 'verb', title: 'Action', track: '9rem', show: ({ verb }) => verbWords[verb] },
  { id: 'width', title: 'Of', track: 'minmax(10rem, 1fr)', show: (approval) => widthOf(approval) },
  {
    ...{ id: 'by', title: 'Ordered by', track: 'minmax(9rem, 1fr)' },
    show: ({ requestedBy }) => <ShownText text={requestedBy.name} />,
  },
  {
    ...{ id: 'decider', title: 'Decided by', track: 'minmax(9rem, 1fr)' },
    show: ({ decidedBy }) => <ShownText text={decidedBy?.name ?? ''} />,
  },
  {
    ...{ id: 'reason', title: 'Reason', track: 'minmax(9rem, 1.5fr)' },
    show: ({ reason }) => <ShownText text={reason} />,
  },
  {
    ...{ id: 'at', title: 'When', track: '12rem' },
    show: ({ decidedAt }) => (decidedAt === null ? null : <Moment at={decidedAt} />),
  },
];

function Decided() {
  const navigate = useNavigate();
  const { query, more } = usePaged({
    queryKey: ['approvals', 'all'],
    refetchInterval: lookAgain,
    read: (page) => client.listApprovals({ state: 'all', ...page }),
    rowId: ({ actionId }) => actionId,
  });
  return (
    <Answered query={query} what="what was decided">
      {(all) => {
        const rows = all.rows.filter(({ state }) => state !== 'waiting');
        return rows.length === 0 && !query.hasNextPage ? (
          <p className="mute">Nothing was decided yet.</p>
        ) : (
          <DataTable
            columns={columns}
            label="Decided approvals"
            onEnd={more}
            onOpen={({ actionId }) => void navigate({ to: '/approvals/$actionId', params: { actionId } })}
            rowId={({ actionId }) => actionId}
            rows={rows}
            total={query.hasNextPage ? rows.length + 1 : rows.length}
          />
        );
      }}
    </Answered>
  );
}
