import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { CustodyEvent } from '#sdk/follow-events.ts';
import { EventActor } from '../../app/event-actor.tsx';
import { Badge } from '../../kit/badge.tsx';
import { Moment } from '../../kit/moment.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { eventWords } from '../../words/events.ts';
import { factLines, summaryOf } from '../../words/facts.ts';
import { outcomeWords } from '../../words/outcomes.ts';
import { type Action, statusWords, verbWords } from '../../words/statuses.ts';

interface EntryProps {
  readonly event: CustodyEvent;
  /** What it belongs to, as it stands now. */
  readonly action: Action | undefined;
  /** How the files of that action ended. */
  readonly outcomes: ReadonlyMap<keyof typeof outcomeWords, number> | undefined;
  readonly names: ReadonlyMap<string, string>;
}

export function TimelineEntry({ event, action, outcomes, names }: EntryProps) {
  const isOrder = event.type === 'action_started';
  return (
    <li className={isOrder ? 'timeline-entry order' : 'timeline-entry'}>
      <Moment at={event.at} />
      <div>
        {isOrder && action !== undefined ? (
          <Order action={action} event={event} names={names} outcomes={outcomes} />
        ) : (
          <Told action={action} event={event} names={names} />
        )}
      </div>
    </li>
  );
}

function Order({ event, action, outcomes, names }: EntryProps & { readonly action: Action }) {
  const { id, verb, status, reason, claimedInitiator } = action;
  return (
    <>
      <p>
        <Link params={{ actionId: id }} to="/actions/$actionId">
          <strong>{verbWords[verb]}</strong>
        </Link>{' '}
        ordered by <EventActor actor={event.actor} names={names} />
        {claimedInitiator !== null && (
          <>
            , in the name of <ShownText text={claimedInitiator} />
          </>
        )}{' '}
        <Badge tone={statusWords[status].tone}>{statusWords[status].label}</Badge>
      </p>
      <p>
        <ShownText text={summaryOf({ ...event, facts: { ...event.facts, reason: null } })} />
      </p>
      <p className="mute">
        {reason === null ? (
          'No reason was given.'
        ) : (
          <>
            Reason: <ShownText text={reason} />
          </>
        )}{' '}
        · Action {id}
      </p>
      <Outcomes outcomes={outcomes} />
    </>
  );
}

function Outcomes({ outcomes }: Pick<EntryProps, 'outcomes'>) {
  return outcomes === undefined || outcomes.size === 0 ? null : (
    <ul className="outcomes">
      {[...outcomes].map(([outcome, count]) => (
        <li key={outcome}>
          <Badge tone={outcomeWords[outcome].tone}>
            {outcomeWords[outcome].label}: {count}
          </Badge>
        </li>
      ))}
    </ul>
  );
}

function Told({ event, action, names }: Omit<EntryProps, 'outcomes'>) {
  const { type, actor, endpointId, actionId } = event;
  return (
    <>
      <p>
        <strong>{eventWords(type)}</strong> <span className="mute">by</span> <EventActor actor={actor} names={names} />
        {endpointId !== null && actor.id !== endpointId && (
          <>
            {' '}
            on <ShownText text={names.get(endpointId) ?? endpointId.slice(0, 12)} />
          </>
        )}
        {actionId !== null && (
          <span className="mute">
            {' '}
            · {action === undefined ? 'action' : verbWords[action.verb]}{' '}
            <Link params={{ actionId }} to="/actions/$actionId">
              {actionId}
            </Link>
          </span>
        )}
      </p>
      <Details event={event} />
    </>
  );
}

/** Of what an endpoint reported, every file; of anything else, what it says in a line. */
function Details({ event }: { readonly event: CustodyEvent }) {
  if (event.type === 'task_finished') {
    const files = factLines({ files: event.facts['files'] ?? [] })[0]?.text.split('\n') ?? [];
    return <Lines lines={files} />;
  }
  const summary = summaryOf(event);
  return summary === '' ? null : <Lines lines={summary.split('\n')} />;
}

const mostLines = 20;

function Lines({ lines }: { readonly lines: readonly string[] }): ReactNode {
  return (
    <>
      {lines.slice(0, mostLines).map((line, index) => (
        <p key={index}>
          <ShownText text={line} />
        </p>
      ))}
      {lines.length > mostLines && <p className="mute">and {lines.length - mostLines} more</p>}
    </>
  );
}
