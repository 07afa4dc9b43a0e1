import { Link } from '@tanstack/react-router';
import { Badge } from '../kit/badge.tsx';
import type { Column } from '../kit/data-table.tsx';
import { Moment } from '../kit/moment.tsx';
import { ShownText } from '../kit/shown-text.tsx';
import { aboutText } from '../words/about.ts';
import { dialectWords } from '../words/dialects.ts';
import { type Action, statusWords, verbWords } from '../words/statuses.ts';
import { ShortAbout } from './about.tsx';

export interface ActionColumn extends Column<Action> {
  /** The same for a file: as the server has it, to be read by programs. */
  text(action: Action): string;
}

/** Everything that the table can show of an action. */
export const actionColumns: readonly ActionColumn[] = [
  { id: 'id', title: 'Action ID', track: '12rem', show: ({ id }) => <code>{id}</code>, text: ({ id }) => id },
  {
    ...{ id: 'verb', title: 'Action', track: 'minmax(8rem, 0.7fr)' },
    // Whoever has no pointer and no keyboard for the grid follows the link.
    show: ({ id, verb }) => (
      <Link params={{ actionId: id }} tabIndex={-1} to="/actions/$actionId">
        {verbWords[verb]}
      </Link>
    ),
    text: ({ verb }) => verbWords[verb],
  },
  {
    ...{ id: 'status', title: 'Status', track: '11rem' },
    show: ({ status }) => <Badge tone={statusWords[status].tone}>{statusWords[status].label}</Badge>,
    text: ({ status }) => statusWords[status].label,
  },
  {
    ...{ id: 'about', title: 'Of what', track: 'minmax(10rem, 2fr)' },
    show: ({ about }) => <ShortAbout about={about} />,
    text: ({ about }) => aboutText(about),
  },
  {
    ...{ id: 'endpoints', title: 'Ended', track: '7rem', align: 'end' },
    show: ({ endedCount, endpointsCount }) => `${endedCount} of ${endpointsCount}`,
    text: ({ endedCount, endpointsCount }) => `${endedCount} of ${endpointsCount}`,
  },
  {
    ...{ id: 'unconfirmed', title: 'To confirm', track: '7rem', align: 'end' },
    show: ({ unconfirmedCount }) => (unconfirmedCount === 0 ? null : unconfirmedCount),
    text: ({ unconfirmedCount }) => `${unconfirmedCount}`,
  },
  {
    ...{ id: 'by', title: 'Ordered by', track: 'minmax(9rem, 1fr)' },
    show: ({ principal }) => <ShownText text={principal.name} />,
    text: ({ principal }) => principal.name,
  },
  {
    ...{ id: 'at', title: 'Ordered at', track: '13rem' },
    show: ({ createdAt }) => <Moment at={createdAt} />,
    text: ({ createdAt }) => createdAt,
  },
  {
    ...{ id: 'deadline', title: 'Deadline', track: '13rem' },
    show: ({ deadline }) => <Moment at={deadline} />,
    text: ({ deadline }) => deadline,
  },
  {
    ...{ id: 'reason', title: 'Reason', track: 'minmax(9rem, 1fr)' },
    show: ({ reason }) => <ShownText text={reason ?? ''} />,
    text: ({ reason }) => reason ?? '',
  },
  {
    ...{ id: 'for', title: 'In the name of', track: 'minmax(9rem, 1fr)' },
    show: ({ claimedInitiator }) => <ShownText text={claimedInitiator ?? ''} />,
    text: ({ claimedInitiator }) => claimedInitiator ?? '',
  },
  {
    ...{ id: 'incident', title: 'Incident', track: '8rem' },
    show: ({ incidentId }) => <ShownText text={incidentId ?? ''} />,
    text: ({ incidentId }) => incidentId ?? '',
  },
  {
    ...{ id: 'through', title: 'Through', track: '9rem' },
    show: ({ dialect }) => dialectWords[dialect],
    text: ({ dialect }) => dialectWords[dialect],
  },
  {
    ...{ id: 'batch', title: 'Batch', track: '8rem', align: 'end' },
    show: ({ batchNumber }) => batchNumber,
    text: ({ batchNumber }) => batchNumber?.toString() ?? '',
  },
];

/** The id is found in the layout menu. */
export const usualColumns: readonly string[] = ['verb', 'status', 'about', 'endpoints', 'by', 'at', 'incident'];
