import { Link } from '@tanstack/react-router';
import type { CustodyEvent } from '#sdk/follow-events.ts';
import { EventActor } from '../../app/event-actor.tsx';
import type { Column } from '../../kit/data-table.tsx';
import { Moment } from '../../kit/moment.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { eventWords } from '../../words/events.ts';
import { summaryOf } from '../../words/facts.ts';

/** Everything that the table can show of an event. */
export function auditColumns(names: ReadonlyMap<string, string>): readonly Column<CustodyEvent>[] {
  return [
    { id: 'number', title: 'Number', track: '5rem', align: 'end', show: ({ sequence }) => sequence },
    { id: 'at', title: 'When', track: '12rem', show: ({ at }) => <Moment at={at} /> },
    { id: 'what', title: 'What', track: 'minmax(13rem, 1fr)', show: ({ type }) => eventWords(type) },
    {
      ...{ id: 'by', title: 'By', track: 'minmax(9rem, 1fr)' },
      show: ({ actor }) => <EventActor actor={actor} names={names} />,
    },
    {
      ...{ id: 'about', title: 'About', track: 'minmax(14rem, 2fr)' },
      show: (event) => <ShownText text={summaryOf(event)} />,
    },
    {
      ...{ id: 'endpoint', title: 'Endpoint', track: 'minmax(7rem, 0.7fr)' },
      show: ({ endpointId }) =>
        endpointId === null ? null : <ShownText text={names.get(endpointId) ?? endpointId.slice(0, 12)} />,
    },
    {
      ...{ id: 'action', title: 'Action', track: '10rem' },
      show: ({ actionId }) =>
        actionId === null ? null : (
          <Link params={{ actionId }} tabIndex={-1} to="/actions/$actionId">
            {actionId}
          </Link>
        ),
    },
    {
      ...{ id: 'incident', title: 'Incident', track: '8rem' },
      show: ({ incidentId }) =>
        incidentId === null ? null : (
          <Link params={{ incidentId }} tabIndex={-1} to="/incidents/$incidentId">
            {incidentId}
          </Link>
        ),
    },
  ];
}

export const auditColumnIds = ['number', 'at', 'what', 'by', 'about', 'endpoint', 'action', 'incident'] as const;
export const usualAuditColumns: readonly string[] = ['at', 'what', 'about', 'by', 'endpoint', 'number'];
