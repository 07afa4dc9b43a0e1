import type { ReactNode } from 'react';
import '../../style/approvals.css';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { client } from '../../app/client.ts';
import { EventList } from '../../app/event-list.tsx';
import { meQuery } from '../../app/queries.ts';
import { Badge } from '../../kit/badge.tsx';
import { Facts } from '../../kit/facts.tsx';
import { Ago, Moment } from '../../kit/moment.tsx';
import { PageHead } from '../../kit/page-head.tsx';
import { Answered } from '../../kit/page-states.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { type Approval, approvalStateWords, ruleText, standingOf, widthOf } from '../../words/approvals.ts';
import type { ActionDetails } from '../../words/outcomes.ts';
import { verbWords } from '../../words/statuses.ts';
import { Decide } from './decide.tsx';
import { Targets } from './targets.tsx';

const route = getRouteApi('/shell/approvals/$actionId');
/** It ends by the clock, too. */
const lookAgain = 20_000;

/** Everything that a second person needs to decide on one order. */
export function ApprovalPage(): ReactNode {
  const { actionId } = route.useParams();
  const query = useQuery({
    queryKey: ['approvals', actionId],
    queryFn: () => client.readApproval(actionId),
    refetchInterval: ({ state }) => (state.data?.needed === null ? false : lookAgain),
  });
  return (
    <>
      <nav aria-label="Where this page is" className="crumbs">
        <Link to="/approvals">Approvals</Link>
      </nav>
      <Answered query={query} what="the approval">
        {(approval) => (
          <>
            <PageHead title={`${verbWords[approval.verb]}: ${widthOf(approval)}`}>
              <Badge tone={approvalStateWords[approval.state].tone}>{approvalStateWords[approval.state].label}</Badge>
            </PageHead>
            <WithAction approval={approval} />
          </>
        )}
      </Answered>
    </>
  );
}

function WithAction({ approval }: { readonly approval: Approval }) {
  const { actionId } = approval;
  const { data: me } = useQuery(meQuery);
  const query = useQuery({ queryKey: ['actions', actionId], queryFn: () => client.readAction(actionId) });
  return (
    <Answered query={query} what="the order">
      {(action) => (
        <>
          <div className="columns">
            <Order action={action} approval={approval} />
            <Why approval={approval} />
          </div>
          {me && (
            <Decide
              approval={approval}
              hasRings={action.rollout !== null}
              isRetry={action.tasks.some(({ state, attempt }) => state === 'held' && attempt > 1)}
              standing={standingOf(approval, me)}
            />
          )}
          <Targets action={action} approval={approval} />
          <section className="card">
            <h2>On the record</h2>
            <EventList filter={{ actionId }} />
          </section>
        </>
      )}
    </Answered>
  );
}

interface BothProps {
  readonly approval: Approval;
  readonly action: ActionDetails;
}

function Order({ approval, action }: BothProps) {
  const { requestedBy, requestedAt, digest } = approval;
  const { id, reason, claimedInitiator, incidentId, dialect } = action;
  return (
    <section className="card">
      <h2>The order</h2>
      <Facts
        facts={[
          ['Ordered by', <Orderer key="by" requestedBy={requestedBy} />],
          ['In the name of', claimedInitiator && <ShownText key="for" text={claimedInitiator} />],
          ['Reason', reason === null ? 'none was given' : <ShownText key="why" text={reason} />],
          [
            'Incident',
            incidentId && (
              <Link key="incident" params={{ incidentId }} to="/incidents/$incidentId">
                {incidentId}
              </Link>
            ),
          ],
          ['Ordered at', <Moment at={requestedAt} key="at" />],
          ['Through', `the ${dialect} API`],
          [
            'Action',
            <Link key="action" params={{ actionId: id }} to="/actions/$actionId">
              {id}
            </Link>,
          ],
          ['Digest', <code key="digest">{digest}</code>],
        ]}
      />
    </section>
  );
}

function Orderer({ requestedBy: { kind, name } }: Pick<Approval, 'requestedBy'>) {
  return (
    <>
      <ShownText text={name} />
      {kind === 'key' && <span className="mute"> (a key)</span>}
      {kind === 'local' && <span className="mute"> (on the server itself)</span>}
    </>
  );
}

function Why({ approval }: { readonly approval: Approval }) {
  const { rules, expiresAt, state, decidedAt, decidedBy, reason } = approval;
  return (
    <section className="card">
      <h2>{state === 'waiting' ? 'Why it waits' : 'Why it waited'}</h2>
      <ul className="reasons">
        {rules.map((rule) => (
          <li key={rule.rule}>{ruleText(rule)}</li>
        ))}
      </ul>
      <Facts
        facts={[
          [
            'Until',
            state === 'waiting' ? (
              <span key="until">
                <Moment at={expiresAt} />{' '}
                <span className="mute">
                  (<Ago at={expiresAt} />; then it ends by itself)
                </span>
              </span>
            ) : null,
          ],
          ['Decision', state === 'waiting' ? null : approvalStateWords[state].label],
          ['Decided by', decidedBy && <ShownText key="by" text={decidedBy.name} />],
          ['Decided at', decidedAt && <Moment at={decidedAt} key="at" />],
          ['Reason', reason === '' ? null : <ShownText key="why" text={reason} />],
        ]}
      />
    </section>
  );
}
