import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { client } from '../../app/client.ts';
import { useMay } from '../../app/may.ts';
import { serverQuery } from '../../app/queries.ts';
import { Badge, type Tone } from '../../kit/badge.tsx';
import { Ago } from '../../kit/moment.tsx';
import { Answered } from '../../kit/page-states.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { counted } from '../../words/amounts.ts';
import { eventWords } from '../../words/events.ts';
import { alertWords } from '../../words/server.ts';
import { type Action, verbWords } from '../../words/statuses.ts';
import { daysAgo } from './since.ts';

type Approval = Awaited<ReturnType<typeof client.listApprovals>>['items'][number];
type Alert = Awaited<ReturnType<typeof client.readServer>>['alerts'][number];
type Noted = Awaited<ReturnType<typeof client.listEvents>>['items'][number];

const mostShown = 6;

/** What no honest fleet does by itself. */
const alarming = [
  ...['ledger_disputed', 'evidence_damaged', 'vault_object_lost', 'vault_object_damaged', 'endpoint_cloned'],
  ...['agent_shut_out', 'order_key_refused', 'enrolment_guessed'],
] as const satisfies readonly Noted['type'][];

/** What waits for a person, or went as nothing should. */
export function Attention() {
  const approvals = useQuery({
    queryKey: ['approvals', 'overview'],
    queryFn: () => client.listApprovals({ limit: mostShown }),
  });
  const unconfirmed = useQuery({
    queryKey: ['actions', 'overview', 'unconfirmed'],
    queryFn: () => client.listActions({ unconfirmed: 'true', limit: mostShown }),
    // Orders grow old by the clock alone, of which no event tells.
    refetchInterval: 60_000,
  });
  const { data: server } = useQuery(serverQuery);
  const alarms = useAlarms();
  const alerts = server?.alerts ?? [];
  return (
    <section aria-label="Needs somebody" className="card attention">
      <h2>Needs somebody</h2>
      <Answered query={approvals} what="what waits for approval">
        {(held) => (
          <Answered query={unconfirmed} what="what waits to be confirmed">
            {(old) =>
              held.total + old.total + alerts.length + alarms.length === 0 ? (
                <p>
                  <Badge tone="good">Nothing waits for you.</Badge>
                </p>
              ) : (
                <ul className="plain-list">
                  {alerts.map((alert) => (
                    <AlertLine alert={alert} key={`${alert.kind} ${alert.actionId}`} />
                  ))}
                  <HeldLines {...held} />
                  <UnconfirmedLines {...old} />
                  {alarms.map((event) => (
                    <AlarmLine event={event} key={event.sequence} />
                  ))}
                </ul>
              )
            }
          </Answered>
        )}
      </Answered>
    </section>
  );
}

/** Of the last week, as far as somebody may follow events. */
function useAlarms(): readonly Noted[] {
  const mayFollow = useMay('events.read');
  const { data } = useQuery({
    queryKey: ['events', 'alarms'],
    queryFn: () =>
      client.listEvents({ type: [...alarming], from: daysAgo(7), direction: 'descending', limit: mostShown }),
    enabled: mayFollow,
  });
  return data?.items ?? [];
}

interface LineProps {
  readonly tone: Tone;
  readonly label: string;
  readonly children: ReactNode;
}

function Line({ tone, label, children }: LineProps) {
  return (
    <li className="line">
      <Badge tone={tone}>{label}</Badge>
      <span>{children}</span>
    </li>
  );
}

interface PageOf<Item> {
  readonly items: readonly Item[];
  readonly total: number;
}

function HeldLines({ items, total }: PageOf<Approval>) {
  return (
    <>
      {items.map((approval) => (
        <ApprovalLine approval={approval} key={approval.actionId} />
      ))}
      {total > items.length && (
        <li>
          <Link to="/approvals">All {counted(total, 'order')} that wait for approval</Link>
        </li>
      )}
    </>
  );
}

function UnconfirmedLines({ items, total }: PageOf<Action>) {
  return (
    <>
      {items.map((action) => (
        <UnconfirmedLine action={action} key={action.id} />
      ))}
      {total > items.length && (
        <li>
          <Link search={{ unconfirmed: true }} to="/actions">
            All {counted(total, 'action')} that wait to be confirmed
          </Link>
        </li>
      )}
    </>
  );
}

function ApprovalLine({ approval }: { readonly approval: Approval }) {
  const { actionId, verb, endpointsCount, requestedBy, requestedAt, expiresAt } = approval;
  return (
    <Line label="Waits for approval" tone="wait">
      <Link params={{ actionId }} to="/approvals/$actionId">
        {verbWords[verb]} on {counted(endpointsCount, 'endpoint')}
      </Link>{' '}
      <span className="mute">
        <ShownText text={requestedBy.name} />, <Ago at={requestedAt} />; ends <Ago at={expiresAt} />
      </span>
    </Line>
  );
}

function UnconfirmedLine({ action }: { readonly action: Action }) {
  const { id, verb, unconfirmedCount, principal, createdAt, deadline } = action;
  return (
    <Line label="Waits to be confirmed" tone="wait">
      <Link params={{ actionId: id }} to="/actions/$actionId">
        {verbWords[verb]} on {counted(unconfirmedCount, 'endpoint')}
      </Link>{' '}
      <span className="mute">
        <ShownText text={principal.name} />, <Ago at={createdAt} />; expires <Ago at={deadline} />
      </span>
    </Line>
  );
}

function AlertLine({ alert: { kind, actionId, by, at, reason } }: { readonly alert: Alert }) {
  return (
    <Line label={alertWords[kind].label} tone="bad">
      <Link params={{ actionId }} to="/actions/$actionId">
        {alertWords[kind].what}
      </Link>{' '}
      <span className="mute">
        <ShownText text={by.name} />, <Ago at={at} />
      </span>
      {reason !== '' && (
        <span className="why mute">
          <ShownText text={reason} />
        </span>
      )}
    </Line>
  );
}

function AlarmLine({ event: { type, at, endpointId, sequence } }: { readonly event: Noted }) {
  return (
    <Line label={eventWords(type)} tone="bad">
      {endpointId === null ? (
        <Link to="/audit">Event {sequence}</Link>
      ) : (
        <Link params={{ endpointId }} to="/endpoints/$endpointId">
          Look at the endpoint
        </Link>
      )}{' '}
      <span className="mute">
        <Ago at={at} />
      </span>
    </Line>
  );
}
