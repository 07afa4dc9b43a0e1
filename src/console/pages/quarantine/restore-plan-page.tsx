import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { client } from '../../app/client.ts';
import { Badge } from '../../kit/badge.tsx';
import { type Column, DataTable } from '../../kit/data-table.tsx';
import { PageHead } from '../../kit/page-head.tsx';
import { Answered, Empty } from '../../kit/page-states.tsx';
import { PathText } from '../../kit/path-text.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { bytesText, counted } from '../../words/amounts.ts';
import {
  type Finding,
  findings,
  findingWords,
  occupantWords,
  type PlannedObject,
  type RestorePlan,
} from '../../words/restore-findings.ts';
import { statusWords } from '../../words/statuses.ts';
import { PlanRun } from './plan-run.tsx';
import '../../style/quarantine.css';

const route = getRouteApi('/shell/quarantine/plans/$actionId');
const lookAgain = 2_000;
const mostShown = 1_000;

/** What a restore would meet, endpoint by endpoint, and the restore of just that. */
export function RestorePlanPage(): ReactNode {
  const { actionId } = route.useParams();
  const search = route.useSearch();
  const finding = findings.find((each) => each === search.finding);
  const query = useQuery({
    queryKey: ['actions', actionId, 'plan', finding],
    queryFn: () =>
      client.readRestorePlan(actionId, { limit: mostShown, ...(finding !== undefined && { finding: [finding] }) }),
    refetchInterval: ({ state }) => (state.data !== undefined && state.data.waiting.length > 0 ? lookAgain : false),
  });
  return (
    <>
      <nav aria-label="Where this page is" className="crumbs">
        <Link to="/quarantine">Quarantine</Link>
        {query.data !== undefined && (
          <>
            {' › '}
            <Link params={{ sha256: query.data.sha256 }} to="/quarantine/$sha256">
              Quarantined file
            </Link>
          </>
        )}
      </nav>
      <PageHead title="Plan of a restore" />
      <Answered query={query} what="the plan">
        {(plan) => (
          <>
            <p>
              What a restore of <code className="hash">{plan.sha256}</code> would meet. Nothing has been changed by
              asking:{' '}
              <Link params={{ actionId }} to="/actions/$actionId">
                action {actionId}
              </Link>
              .
            </p>
            <Answers plan={plan} />
            <Counts chosen={finding} plan={plan} />
            <PlanRun plan={plan} />
            <Objects plan={plan} />
          </>
        )}
      </Answered>
    </>
  );
}

function Answers({ plan: { waiting, failed } }: { readonly plan: RestorePlan }) {
  return (
    <>
      {waiting.length > 0 && (
        <section aria-live="polite" className="card">
          <h2>{counted(waiting.length, 'endpoint')} still to answer</h2>
          <p className="mute">
            Those that are away answer when they return, and stand here then. A restore that is run before leaves them
            as they are.
          </p>
          <Unanswered endpoints={waiting} />
        </section>
      )}
      {failed.length > 0 && (
        <section className="card">
          <h2>{counted(failed.length, 'endpoint')} without an answer</h2>
          <p className="mute">They refused, failed, or did not come in time. They are left as they are.</p>
          <Unanswered endpoints={failed} />
        </section>
      )}
    </>
  );
}

function Unanswered({ endpoints }: { readonly endpoints: RestorePlan['waiting'] }) {
  return (
    <ul className="plain-list scrolled" role="list">
      {endpoints.map(({ endpointId, hostName, status }) => (
        <li key={endpointId}>
          <Badge tone={statusWords[status].tone}>{statusWords[status].label}</Badge>{' '}
          <Link params={{ endpointId }} to="/endpoints/$endpointId">
            <ShownText text={hostName ?? endpointId} />
          </Link>
        </li>
      ))}
    </ul>
  );
}

/** How often each was found; each is a filter of the list below. */
function Counts({ plan, chosen }: { readonly plan: RestorePlan; readonly chosen: Finding | undefined }) {
  const found = findings.filter((finding) => (plan.counts[finding] ?? 0) > 0);
  return (
    <ul aria-label="What was found" className="findings" role="list">
      {found.map((finding) => (
        <li key={finding}>
          <Link
            aria-current={finding === chosen ? 'true' : undefined}
            className="finding"
            from="/quarantine/plans/$actionId"
            search={finding === chosen ? {} : { finding }}
            to="."
          >
            <strong>{plan.counts[finding]}</strong>
            <Badge tone={findingWords[finding].tone}>{findingWords[finding].label}</Badge>
          </Link>
        </li>
      ))}
    </ul>
  );
}

const columns: readonly Column<PlannedObject>[] = [
  {
    ...{ id: 'finding', title: 'What it would meet', track: '17rem' },
    show: ({ finding }) => <Badge tone={findingWords[finding].tone}>{findingWords[finding].label}</Badge>,
  },
  {
    ...{ id: 'endpoint', title: 'Endpoint', track: 'minmax(8rem, 1fr)' },
    show: ({ hostName, endpointId }) => <ShownText text={hostName ?? endpointId} />,
  },
  {
    ...{ id: 'path', title: 'Where it would go', track: 'minmax(14rem, 2fr)' },
    show: ({ path }) => <PathText path={path ?? ''} />,
  },
  {
    ...{ id: 'message', title: 'What the endpoint says', track: 'minmax(14rem, 2fr)' },
    show: ({ message, details: { occupant } }) => (
      <>
        <ShownText text={message} />
        {occupant !== undefined && (
          <span className="mute">
            {' '}
            {occupantWords[occupant.kind]} of {bytesText(occupant.size)} is there.
          </span>
        )}
      </>
    ),
  },
];

function Objects({ plan: { items, total } }: { readonly plan: RestorePlan }) {
  const navigate = useNavigate();
  if (total === 0) {
    return <Empty title="No endpoint has found anything yet." />;
  }
  return (
    <>
      {items.length < total && (
        <p className="mute">
          The first {items.length} of {total} are shown. The restore is of all of them.
        </p>
      )}
      <DataTable
        columns={columns}
        label="What each endpoint would meet"
        onOpen={({ endpointId }) => void navigate({ to: '/endpoints/$endpointId', params: { endpointId } })}
        rowId={({ endpointId, vaultObject, path }) => `${endpointId} ${vaultObject} ${path}`}
        rows={items}
      />
    </>
  );
}
