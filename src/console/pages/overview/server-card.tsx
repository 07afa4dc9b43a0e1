import { useQuery } from '@tanstack/react-query';
import { client } from '../../app/client.ts';
import { useMay } from '../../app/may.ts';
import { serverQuery } from '../../app/queries.ts';
import { Badge } from '../../kit/badge.tsx';
import { Answered } from '../../kit/page-states.tsx';
import { bytesText, counted } from '../../words/amounts.ts';
import { type Server, storageWords } from '../../words/server.ts';

/** The disk, the record and where events go. */
export function ServerCard() {
  const query = useQuery(serverQuery);
  const mayFollow = useMay('events.read');
  return (
    <section aria-label="Server" className="card">
      <h2>Server</h2>
      <Answered query={query} what="the server">
        {({ version, evidence, feeds, clockDoubt }) => (
          <dl className="health">
            <dt>Disk</dt>
            <dd>
              <Badge tone={storageWords[evidence.state].tone}>{storageWords[evidence.state].label}</Badge>
              <Room evidence={evidence} />
            </dd>
            {mayFollow && (
              <>
                <dt>Record</dt>
                <dd>
                  <Record />
                </dd>
              </>
            )}
            {feeds.length > 0 && (
              <>
                <dt>Feeds</dt>
                <dd>
                  <Feeds feeds={feeds} />
                </dd>
              </>
            )}
            <dt>Clock</dt>
            <dd>
              {clockDoubt === null ? (
                <Badge tone="good">Believed</Badge>
              ) : (
                <Badge tone="bad">In doubt: nothing expires until somebody looks at it</Badge>
              )}
            </dd>
            <dt>Version</dt>
            <dd>Custody {version}</dd>
          </dl>
        )}
      </Answered>
    </section>
  );
}

function Room({ evidence: { freeBytes, reservedBytes } }: Pick<Server, 'evidence'>) {
  if (freeBytes === null) {
    return null;
  }
  return (
    <span className="mute">
      {bytesText(freeBytes)} free
      {reservedBytes !== null && reservedBytes > 0 && `, ${bytesText(reservedBytes)} kept back`}
    </span>
  );
}

/** The signed record of events; whoever doubts it asks on the page Audit. */
function Record() {
  const ledger = useQuery({ queryKey: ['events', 'ledger-size'], queryFn: () => client.readLedger() });
  const disputes = useQuery({
    queryKey: ['events', 'disputes'],
    queryFn: () => client.listEvents({ type: ['ledger_disputed'], direction: 'descending', limit: 1 }),
  });
  const isDisputed = (disputes.data?.items.length ?? 0) > 0;
  return (
    <Answered query={ledger} what="the record">
      {({ size }) => (
        <>
          {isDisputed ? (
            <Badge tone="bad">Disputed by an agent</Badge>
          ) : (
            <Badge tone="good">{disputes.isSuccess ? 'Signed, and disputed by no agent' : 'Signed'}</Badge>
          )}
          <span className="mute">{counted(size, 'event')}</span>
        </>
      )}
    </Answered>
  );
}

function Feeds({ feeds }: Pick<Server, 'feeds'>) {
  const failing = feeds.filter(({ failingSince }) => failingSince !== null);
  const dead = feeds.reduce((sum, { deadLetters }) => sum + deadLetters, 0);
  return (
    <>
      <Badge tone={failing.length === 0 ? 'good' : 'bad'}>
        {failing.length === 0
          ? `${counted(feeds.length, 'feed')} get every event`
          : `Events do not reach ${counted(failing.length, 'feed')}`}
      </Badge>
      {dead > 0 && <span className="mute">{counted(dead, 'event')} could not be delivered</span>}
    </>
  );
}
