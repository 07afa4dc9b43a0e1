import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { z } from 'zod';
import { client } from '../../app/client.ts';
import { Ago } from '../../kit/moment.tsx';
import { Answered } from '../../kit/page-states.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { counted } from '../../words/amounts.ts';
import { eventWords } from '../../words/events.ts';
import { verbs, verbWords } from '../../words/statuses.ts';

type Noted = Awaited<ReturnType<typeof client.listEvents>>['items'][number];

const mostShown = 12;

/** What people and the server decided; not what every endpoint said, of which there are thousands. */
const telling = [
  ...['action_started', 'action_cancelled', 'action_retried', 'action_confirmed', 'tasks_expired'],
  ...['approval_requested', 'approval_given', 'approval_refused', 'approval_expired', 'approval_bypassed'],
  ...['rings_halted', 'rings_resumed', 'remediation_started', 'remediation_aborted'],
  ...['incident_created', 'incident_changed', 'alert_reported', 'list_changed'],
  ...['evidence_stored', 'evidence_delivered', 'evidence_deleted', 'bundle_exported'],
  ...['endpoint_enrolled', 'endpoint_revoked', 'emergency_stop_engaged', 'emergency_stop_released'],
  ...['user_created', 'user_changed', 'key_created', 'settings_changed', 'log_in_failed', 'backup_made'],
] as const satisfies readonly Noted['type'][];

export function LatestEvents() {
  const query = useQuery({
    queryKey: ['events', 'latest'],
    queryFn: () => client.listEvents({ type: [...telling], direction: 'descending', limit: mostShown }),
  });
  return (
    <section aria-label="Latest events" className="card">
      <h2>Latest</h2>
      <Answered query={query} what="the latest events">
        {({ items }) => (
          <ol className="plain-list latest">
            {items.map((event) => (
              <EventLine event={event} key={event.sequence} />
            ))}
          </ol>
        )}
      </Answered>
      <p className="more">
        <Link to="/audit">The whole record</Link>
      </p>
    </section>
  );
}

function EventLine({ event }: { readonly event: Noted }) {
  const { at, actor, actionId, endpointId } = event;
  return (
    <li>
      <span className="mute">
        <Ago at={at} />
      </span>
      <span>
        {actionId === null ? (
          wordsOf(event)
        ) : (
          <Link params={{ actionId }} to="/actions/$actionId">
            {wordsOf(event)}
          </Link>
        )}{' '}
        {actor.kind !== 'agent' && (
          <span className="mute">
            <ShownText text={actor.name} />
          </span>
        )}
        {endpointId !== null && (
          <span className="mute">
            {' '}
            on{' '}
            <Link params={{ endpointId }} to="/endpoints/$endpointId">
              this endpoint
            </Link>
          </span>
        )}
      </span>
    </li>
  );
}

const startedFacts = z.object({ verb: z.enum(verbs), endpointsCount: z.int() });

/** Of an order, what was ordered; of everything else, what kind of thing happened. */
function wordsOf({ type, facts }: Noted): string {
  const started = type === 'action_started' ? startedFacts.safeParse(facts) : undefined;
  return started?.success === true
    ? `${verbWords[started.data.verb]} on ${counted(started.data.endpointsCount, 'endpoint')}`
    : eventWords(type);
}
