import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { client } from '../../app/client.ts';
import { Badge } from '../../kit/badge.tsx';
import { EventList } from '../../kit/event-list.tsx';
import { Facts } from '../../kit/facts.tsx';
import { Moment } from '../../kit/moment.tsx';
import { PageHead } from '../../kit/page-head.tsx';
import { Answered } from '../../kit/page-states.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { counted } from '../../words/amounts.ts';
import { type Endpoint, nameOf, presenceWords } from '../../words/presences.ts';

const route = getRouteApi('/shell/endpoints/$endpointId');

export function EndpointPage() {
  const { endpointId } = route.useParams();
  const query = useQuery({ queryKey: ['endpoints', endpointId], queryFn: () => client.readEndpoint(endpointId) });
  return (
    <Answered query={query} what="the endpoint">
      {(endpoint) => (
        <>
          <nav aria-label="Where this page is" className="crumbs">
            <Link to="/endpoints">Endpoints</Link>
          </nav>
          <PageHead title={nameOf(endpoint)}>
            <Badge tone={presenceWords[endpoint.presence].tone}>{presenceWords[endpoint.presence].label}</Badge>
          </PageHead>
          <div className="columns">
            <section className="card">
              <h2>Facts</h2>
              <EndpointFacts endpoint={endpoint} />
            </section>
            <Held endpointId={endpointId} />
          </div>
          <section className="card">
            <h2>What happened on it</h2>
            <EventList filter={{ endpointId }} />
          </section>
        </>
      )}
    </Answered>
  );
}

function EndpointFacts({ endpoint }: { readonly endpoint: Endpoint }) {
  const list = (texts: readonly string[]) => (texts.length === 0 ? null : <ShownText text={texts.join(', ')} />);
  return (
    <Facts
      facts={[
        [
          'System',
          <ShownText
            key="s"
            text={`${endpoint.operatingSystem} ${endpoint.operatingSystemVersion}, ${endpoint.architecture}`}
          />,
        ],
        ['Addresses', list(endpoint.addresses)],
        ['Users', list(endpoint.users)],
        ['Tags', list(endpoint.tags)],
        ['Agent', endpoint.agentVersion],
        ['Inventories', list(endpoint.roots)],
        ['May not', list(endpoint.limitations)],
        ['Last seen', <Moment at={endpoint.lastSeen} key="l" />],
        ['Enrolled', <Moment at={endpoint.enrolledAt} key="e" />],
        ['Id', <code key="i">{endpoint.id}</code>],
        ['Number', <code key="n">{endpoint.number}</code>],
        ['Copies of this machine', endpoint.clone === null ? null : counted(endpoint.clone.hosts.length, 'machine')],
      ]}
    />
  );
}

function Held({ endpointId }: { readonly endpointId: string }) {
  const query = useQuery({
    queryKey: ['quarantine', 'endpoint', endpointId],
    queryFn: () => client.listQuarantine({ endpointId: [endpointId], state: ['held'], limit: 100 }),
  });
  return (
    <section className="card">
      <h2>In its vault</h2>
      <Answered query={query} what="the vault">
        {({ items, total }) =>
          total === 0 ? (
            <p className="mute">Nothing is quarantined on it.</p>
          ) : (
            <ul className="plain-list">
              {items.map(({ vaultObject, path }) => (
                <li key={vaultObject}>
                  <ShownText text={path} />
                </li>
              ))}
              {total > items.length && <li className="mute">and {counted(total - items.length, 'more file')}</li>}
            </ul>
          )
        }
      </Answered>
    </section>
  );
}
