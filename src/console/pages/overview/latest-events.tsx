import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { client } from '../../app/client.ts';
import { Ago } from '../../kit/moment.tsx';
import { Answered } from '../../kit/page-states.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { eventWords } from '../../words/events.ts';

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

function EventLine({ event: { type, at, actor, actionId, endpointId } }: { readonly event: Noted }) {
  return (
    <li>
      <span className="mute">
        <Ago at={at} />
      </span>
      <span>
        {eventWords(type)} <span className="mute">by</span> <ShownText text={actor.name} />
        {actionId !== null && (
          <>
            {' '}
            <Link params={{ actionId }} to="/actions/$actionId">
              the action
            </Link>
          </>
        )}
        {endpointId !== null && (
          <>
            {' '}
            <Link params={{ endpointId }} to="/endpoints/$endpointId">
              the endpoint
            </Link>
          </>
        )}
      </span>
    </li>
  );
}
