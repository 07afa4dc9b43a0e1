import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { client } from '../../app/client.ts';
import { useMay } from '../../app/may.ts';
import { Ago } from '../../kit/moment.tsx';
import { Answered } from '../../kit/page-states.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { nameOf, presenceWords } from '../../words/presences.ts';

const numbers = new Intl.NumberFormat();
const mostAway = 5;
const presences = ['connected', 'disconnected', 'lost'] as const;

/** How much of the fleet answers, and who went away last. */
export function FleetCard() {
  const mayRead = useMay('endpoints.read');
  const query = useQuery({
    queryKey: ['endpoints', 'counts'],
    queryFn: () => client.countEndpoints(),
    refetchInterval: 15_000,
    enabled: mayRead,
  });
  if (!mayRead) {
    return null;
  }
  return (
    <section aria-label="Endpoints" className="card">
      <h2>Endpoints</h2>
      <Answered query={query} what="the endpoints">
        {(counts) => (
          <>
            <dl className="fleet">
              {presences.map((presence) => (
                <div className={presence} key={presence}>
                  <dt>{presenceWords[presence].label}</dt>
                  <dd>
                    <Link search={{ presence }} to="/endpoints">
                      {numbers.format(counts[presence])}
                    </Link>
                  </dd>
                </div>
              ))}
            </dl>
            {counts.disconnected + counts.lost > 0 && <WentAway />}
          </>
        )}
      </Answered>
    </section>
  );
}

function WentAway() {
  const query = useQuery({
    queryKey: ['endpoints', 'away'],
    queryFn: () =>
      client.listEndpoints({
        ...{ presence: ['disconnected', 'lost'], order: 'lastSeen', direction: 'descending' },
        ...{ archived: 'false', revoked: 'false', limit: mostAway },
      }),
    refetchInterval: 15_000,
  });
  return (
    <Answered query={query} what="who is away">
      {({ items }) => (
        <>
          <h3>Went away last</h3>
          <ul className="plain-list">
            {items.map((endpoint) => (
              <li key={endpoint.id}>
                <Link params={{ endpointId: endpoint.id }} to="/endpoints/$endpointId">
                  <ShownText text={nameOf(endpoint)} />
                </Link>{' '}
                <span className="mute">
                  <Ago at={endpoint.lastSeen} />
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </Answered>
  );
}
