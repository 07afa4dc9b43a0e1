import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { client } from '../../app/client.ts';
import { Badge } from '../../kit/badge.tsx';
import { Ago } from '../../kit/moment.tsx';
import { Answered } from '../../kit/page-states.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { counted } from '../../words/amounts.ts';
import { type Action, type ActionStatus, statusWords, verbWords } from '../../words/statuses.ts';
import { daysAgo } from './since.ts';

interface ActionGroupProps {
  readonly title: string;
  /** As it stands in a sentence. */
  readonly what: string;
  /** Said where there is none. */
  readonly none: string;
  readonly statuses: readonly ActionStatus[];
  /** Only those of the last days; default: all. */
  readonly days?: number;
}

const mostShown = 6;

/** The newest actions that stand in one of some ways, and how many there are of them. */
export function ActionGroup({ title, what, none, statuses, days }: ActionGroupProps) {
  const query = useQuery({
    queryKey: ['actions', 'overview', statuses, days],
    queryFn: () =>
      client.listActions({
        status: [...statuses],
        limit: mostShown,
        ...(days !== undefined && { createdFrom: daysAgo(days) }),
      }),
  });
  return (
    <section aria-label={title} className="card">
      <h2>
        {title} {query.data !== undefined && <span className="count">{query.data.total}</span>}
      </h2>
      <Answered query={query} what={what}>
        {({ items, total }) =>
          total === 0 ? (
            <p className="mute">{none}</p>
          ) : (
            <>
              <ul className="plain-list">
                {items.map((action) => (
                  <ActionLine action={action} key={action.id} />
                ))}
              </ul>
              {total > items.length && (
                <p className="more">
                  <Link search={{ status: [...statuses], ...(days !== undefined && { within: 'week' }) }} to="/actions">
                    All {counted(total, 'of them', 'of them')}
                  </Link>
                </p>
              )}
            </>
          )
        }
      </Answered>
    </section>
  );
}

function ActionLine({ action }: { readonly action: Action }) {
  const { id, verb, status, endpointsCount, principal, createdAt, reason } = action;
  return (
    <li className="line">
      <Badge tone={statusWords[status].tone}>{statusWords[status].label}</Badge>
      <span>
        <Link params={{ actionId: id }} to="/actions/$actionId">
          {verbWords[verb]} on {counted(endpointsCount, 'endpoint')}
        </Link>{' '}
        <span className="mute">
          <ShownText text={principal.name} />, <Ago at={createdAt} />
        </span>
        {reason !== null && reason !== '' && (
          <span className="why mute">
            <ShownText text={reason} />
          </span>
        )}
      </span>
    </li>
  );
}
