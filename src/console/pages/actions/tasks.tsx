import { useNavigate } from '@tanstack/react-router';
import { Badge } from '../../kit/badge.tsx';
import { type Column, DataTable } from '../../kit/data-table.tsx';
import { Moment } from '../../kit/moment.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { type ActionDetails, type ActionTask, type FileOutcome, outcomeWords } from '../../words/outcomes.ts';
import { statusWords } from '../../words/statuses.ts';

/** One file on one endpoint; an endpoint of which no file has ended has a row without one. */
interface OutcomeRow {
  readonly id: string;
  readonly task: ActionTask;
  readonly file: FileOutcome | undefined;
}

const columns: readonly Column<OutcomeRow>[] = [
  {
    ...{ id: 'endpoint', title: 'Endpoint', track: 'minmax(9rem, 1fr)' },
    show: ({ task }) => <ShownText text={task.hostName ?? task.endpointId} />,
  },
  {
    ...{ id: 'status', title: 'There', track: '11rem' },
    show: ({ task: { status } }) => <Badge tone={statusWords[status].tone}>{statusWords[status].label}</Badge>,
  },
  {
    ...{ id: 'path', title: 'File', track: 'minmax(12rem, 2fr)' },
    show: ({ task, file }) => <ShownText text={file?.path ?? task.paths[0] ?? task.sha256 ?? ''} />,
  },
  {
    ...{ id: 'outcome', title: 'Outcome', track: '12rem' },
    show: ({ file }) =>
      file === undefined ? null : (
        <Badge tone={outcomeWords[file.outcome].tone}>{outcomeWords[file.outcome].label}</Badge>
      ),
  },
  {
    ...{ id: 'why', title: 'Why', track: 'minmax(12rem, 2fr)' },
    show: ({ task, file }) => <ShownText text={file?.message ?? task.waitsFor?.message ?? task.stop?.message ?? ''} />,
  },
  {
    ...{ id: 'ended', title: 'Ended', track: '13rem' },
    show: ({ file }) => (file === undefined ? null : <Moment at={file.endedAt} />),
  },
];

export function Tasks({ action }: { readonly action: ActionDetails }) {
  const navigate = useNavigate();
  const rows = action.tasks.flatMap((task): OutcomeRow[] =>
    task.files.length === 0
      ? [{ id: task.id, task, file: undefined }]
      : task.files.map((file) => ({ id: `${file.taskId}.${file.ordinal}`, task, file })),
  );
  return (
    <DataTable
      columns={columns}
      label="Outcomes"
      onOpen={({ task }) => void navigate({ to: '/endpoints/$endpointId', params: { endpointId: task.endpointId } })}
      rowId={({ id }) => id}
      rows={rows}
    />
  );
}
