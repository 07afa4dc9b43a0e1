import type { ReactNode } from 'react';
import '../../style/actions.css';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { About } from '../../app/about.tsx';
import { Arriving } from '../../app/arriving.tsx';
import { client } from '../../app/client.ts';
import { EventList } from '../../app/event-list.tsx';
import { untilEnded } from '../../app/until-ended.ts';
import { Badge } from '../../kit/badge.tsx';
import { Facts } from '../../kit/facts.tsx';
import { Moment } from '../../kit/moment.tsx';
import { PageHead } from '../../kit/page-head.tsx';
import { Answered } from '../../kit/page-states.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { aboutText } from '../../words/about.ts';
import { counted } from '../../words/amounts.ts';
import { dialectWords } from '../../words/dialects.ts';
import type { ActionDetails } from '../../words/outcomes.ts';
import { type Action, isOpen, statusWords, verbWords } from '../../words/statuses.ts';
import { ActionButtons } from './action-buttons.tsx';
import { Rings } from './rings.tsx';
import { Tasks } from './tasks.tsx';
import { Unconfirmed } from './unconfirmed.tsx';

const route = getRouteApi('/shell/actions/$actionId');
/** While the server tells of nothing by itself. */
const lookAgain = 2_000;

export function ActionPage(): ReactNode {
  const { actionId } = route.useParams();
  const search = route.useSearch();
  const query = useQuery({
    queryKey: ['actions', actionId],
    queryFn: () => client.readAction(actionId),
    refetchInterval: untilEnded(lookAgain, ({ status }) => !isOpen(status)),
  });
  return (
    <Answered query={query} what="the action">
      {(action) => (
        <>
          <nav aria-label="Where this page is" className="crumbs">
            <Link to="/actions">Action Center</Link>
          </nav>
          <PageHead title={verbWords[action.verb]}>
            <Badge tone={statusWords[action.status].tone}>{statusWords[action.status].label}</Badge>
            <span className="grow" />
            <ActionButtons action={action} />
          </PageHead>
          <section className="card">
            <ActionFacts action={action} />
            <Progress action={action} />
          </section>
          <Unconfirmed action={action} />
          {action.rollout !== null && <Rings rollout={action.rollout} />}
          <section className="card">
            <h2>What came of it</h2>
            <Tasks action={action} search={search} />
          </section>
          <section className="card">
            <h2>On the record</h2>
            <EventList filter={{ actionId }} />
          </section>
        </>
      )}
    </Answered>
  );
}

function ActionFacts({ action }: { readonly action: ActionDetails }) {
  const { principal, claimedInitiator, reason, incidentId, createdAt, deadline, closedAt, dialect, batchNumber } =
    action;
  return (
    <Facts
      facts={[
        ['Of what', aboutText(aboutOf(action)) === '' ? null : <About about={aboutOf(action)} key="about" />],
        ['Action ID', <code key="id">{action.id}</code>],
        ['Ordered by', <ShownText key="by" text={principal.name} />],
        ['In the name of', claimedInitiator === null ? null : <ShownText key="for" text={claimedInitiator} />],
        ['Reason', reason === null ? null : <ShownText key="why" text={reason} />],
        [
          'Incident',
          incidentId === null ? null : (
            <Link key="incident" params={{ incidentId }} to="/incidents/$incidentId">
              <ShownText text={incidentId} />
            </Link>
          ),
        ],
        ['Ordered at', <Moment at={createdAt} key="at" />],
        ['Deadline', <Moment at={deadline} key="deadline" />],
        ['Closed', closedAt === null ? null : <Moment at={closedAt} key="closed" />],
        ['Through', dialectWords[dialect]],
        ['Batch', batchNumber],
      ]}
    />
  );
}

/** As the list of actions has it. */
function aboutOf({ tasks: [first] }: ActionDetails): Action['about'] {
  const { paths = [], sha256 = null, undoes = null, pattern = null } = first ?? {};
  return { path: paths[0] ?? null, pathsCount: paths.length, sha256, undoes, pattern };
}

/** How many endpoints it has ended on, while it has not on all, and what has come of the files that they send. */
function Progress({ action: { status, tasks, upload } }: { readonly action: ActionDetails }) {
  if (!isOpen(status)) {
    return null;
  }
  const ended = tasks.filter((task) => !isOpen(task.status)).length;
  return (
    <>
      <p className="ended">
        <progress aria-label="Endpoints where it has ended" max={tasks.length} value={ended} />{' '}
        {`Ended on ${ended} of ${counted(tasks.length, 'endpoint')}`}
      </p>
      {upload !== null && <Arriving upload={upload} />}
    </>
  );
}
