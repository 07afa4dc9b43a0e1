import { Badge } from '../../kit/badge.tsx';
import type { Column } from '../../kit/data-table.tsx';
import { Moment } from '../../kit/moment.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { type Action, statusWords, verbWords } from '../../words/statuses.ts';

/** Everything that the table can show of an action. */
export const actionColumns: readonly Column<Action>[] = [
  { id: 'id', title: 'Action ID', track: '12rem', show: ({ id }) => <code>{id}</code> },
  { id: 'verb', title: 'Action', track: 'minmax(9rem, 1fr)', show: ({ verb }) => verbWords[verb] },
  {
    ...{ id: 'status', title: 'Status', track: '11rem' },
    show: ({ status }) => <Badge tone={statusWords[status].tone}>{statusWords[status].label}</Badge>,
  },
  { id: 'endpoints', title: 'Endpoints', track: '6rem', align: 'end', show: ({ endpointsCount }) => endpointsCount },
  {
    id: 'by',
    title: 'Ordered by',
    track: 'minmax(9rem, 1fr)',
    show: ({ principal }) => <ShownText text={principal.name} />,
  },
  { id: 'at', title: 'Ordered at', track: '13rem', show: ({ createdAt }) => <Moment at={createdAt} /> },
  { id: 'deadline', title: 'Deadline', track: '13rem', show: ({ deadline }) => <Moment at={deadline} /> },
  {
    id: 'reason',
    title: 'Reason',
    track: 'minmax(9rem, 1fr)',
    show: ({ reason }) => <ShownText text={reason ?? ''} />,
  },
  { id: 'incident', title: 'Incident', track: '8rem', show: ({ incidentId }) => <ShownText text={incidentId ?? ''} /> },
  { id: 'through', title: 'Through', track: '7rem', show: ({ dialect }) => dialect },
];

/** The id is found in the layout menu. */
export const usualColumns: readonly string[] = ['verb', 'status', 'endpoints', 'by', 'at', 'incident'];
