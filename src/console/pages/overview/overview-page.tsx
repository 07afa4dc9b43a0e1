import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { client } from '../../app/client.ts';
import { useMay } from '../../app/may.ts';
import { serverQuery } from '../../app/queries.ts';
import { Badge } from '../../kit/badge.tsx';
import { Ago } from '../../kit/moment.tsx';
import { PageHead } from '../../kit/page-head.tsx';
import { Answered } from '../../kit/page-states.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { bytesText, counted } from '../../words/amounts.ts';
import { type Action, isOpen, statusWords, verbWords } from '../../words/statuses.ts';
import { DayChart } from './day-chart.tsx';

const failedStatuses: readonly Action['status'][] = ['failed', 'completed_partial', 'expired', 'timeout'];

/** What needs somebody now, before everything else. */
export function OverviewPage() {
  const mayFollow = useMay('events.read');
  const query = useQuery({ queryKey: ['actions', 'recent'], queryFn: () => client.listActions({ limit: 500 }) });
  return (
    <>
      <PageHead title="Overview" />
      <Answered query={query} what="the actions">
        {({ items }) => (
          <div className="columns">
            <Group
              actions={items.filter(({ status }) => status === 'held')}
              none="Nothing waits for a second person."
              title="Waiting for approval"
            />
            <Group
              actions={items.filter(({ status }) => failedStatuses.includes(status)).slice(0, 50)}
              none="Nothing has failed."
              title="Failed"
            />
            <Group
              actions={items.filter(({ status }) => isOpen(status) && status !== 'held')}
              none="Nothing is running."
              title="Running"
            />
            <Fleet />
            <Health />
          </div>
        )}
      </Answered>
      {mayFollow && <DayChart />}
    </>
  );
}

interface GroupProps {
  readonly title: string;
  readonly none: string;
  readonly actions: readonly Action[];
}

const mostShown = 8;
const evidenceTones = { ready: 'good', off: 'mute', full: 'bad', unavailable: 'bad' } as const;

function Group({ title, none, actions }: GroupProps) {
  return (
    <section className="card">
      <h2>
        {title} <span className="count">{actions.length}</span>
      </h2>
      {actions.length === 0 ? (
        <p className="mute">{none}</p>
      ) : (
        <ul className="plain-list">
          {actions.slice(0, mostShown).map(({ id, verb, status, endpointsCount, principal, createdAt }) => (
            <li key={id}>
              <Badge tone={statusWords[status].tone}>{statusWords[status].label}</Badge>{' '}
              <Link params={{ actionId: id }} to="/actions/$actionId">
                {verbWords[verb]} on {counted(endpointsCount, 'endpoint')}
              </Link>{' '}
              <span className="mute">
                <ShownText text={principal.name} />, <Ago at={createdAt} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Fleet() {
  const query = useQuery({
    queryKey: ['endpoints', 'counts'],
    queryFn: () => client.countEndpoints(),
    refetchInterval: 15_000,
  });
  return (
    <section className="card">
      <h2>Endpoints</h2>
      <Answered query={query} what="the endpoints">
        {({ connected, disconnected, lost }) => (
          <ul className="plain-list">
            <li>
              <Badge tone="good">{counted(connected, 'endpoint')} connected</Badge>
            </li>
            <li>
              <Badge tone={disconnected > 0 ? 'wait' : 'mute'}>{counted(disconnected, 'endpoint')} offline</Badge>
            </li>
            <li>
              <Badge tone={lost > 0 ? 'bad' : 'mute'}>{counted(lost, 'endpoint')} lost</Badge>
            </li>
          </ul>
        )}
      </Answered>
    </section>
  );
}

function Health() {
  const query = useQuery(serverQuery);
  const mayRead = useMay('events.read');
  const ledger = useQuery({ queryKey: ['events', 'ledger'], queryFn: () => client.readLedger(), enabled: mayRead });
  return (
    <section className="card">
      <h2>Server</h2>
      <Answered query={query} what="the server">
        {({ version, evidence, feeds }) => (
          <ul className="plain-list">
            <li>Custody {version}</li>
            <li>
              <Badge tone={evidenceTones[evidence.state]}>Evidence storage: {evidence.state}</Badge>{' '}
              {evidence.freeBytes !== null && <span className="mute">{bytesText(evidence.freeBytes)} free</span>}
            </li>
            {ledger.data !== undefined && (
              <li>
                <Badge tone="good">{counted(ledger.data.size, 'event')} on the ledger</Badge>
              </li>
            )}
            {feeds
              .filter(({ failingSince }) => failingSince !== null)
              .map(({ feed }) => (
                <li key={feed}>
                  <Badge tone="bad">Events do not reach {feed}</Badge>
                </li>
              ))}
          </ul>
        )}
      </Answered>
    </section>
  );
}
