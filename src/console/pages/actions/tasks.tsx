import { useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { Badge } from '../../kit/badge.tsx';
import { type Column, DataTable } from '../../kit/data-table.tsx';
import { FilterField } from '../../kit/filter-field.tsx';
import { Moment } from '../../kit/moment.tsx';
import { PathText } from '../../kit/path-text.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { counted } from '../../words/amounts.ts';
import { hostOf, type OutcomeRow, outcomeRows, pathOf, whyOf } from '../../words/outcome-rows.ts';
import { type ActionDetails, outcomeWords } from '../../words/outcomes.ts';
import { type ActionStatus, statusWords } from '../../words/statuses.ts';
import { OutcomeDialog } from './outcome-dialog.tsx';
import { type ActionSearch, actionSearch } from './search.ts';

const columns: readonly Column<OutcomeRow>[] = [
  {
    ...{ id: 'endpoint', title: 'Endpoint', track: 'minmax(8rem, 1fr)' },
    show: ({ task }) => <ShownText text={hostOf(task)} />,
  },
  {
    ...{ id: 'status', title: 'There', track: '11rem' },
    show: ({ task: { status } }) => <Badge tone={statusWords[status].tone}>{statusWords[status].label}</Badge>,
  },
  {
    ...{ id: 'path', title: 'File', track: 'minmax(10rem, 2fr)' },
    show: (row) => <PathText path={pathOf(row)} />,
  },
  {
    ...{ id: 'outcome', title: 'Outcome', track: '11rem' },
    show: ({ file }) =>
      file === undefined ? null : (
        <Badge tone={outcomeWords[file.outcome].tone}>{outcomeWords[file.outcome].label}</Badge>
      ),
  },
  {
    ...{ id: 'why', title: 'Why', track: 'minmax(12rem, 2fr)' },
    show: (row) => <ShownText text={whyOf(row)} />,
  },
  {
    ...{ id: 'ended', title: 'Ended', track: '12rem' },
    show: ({ file }) => (file === undefined ? null : <Moment at={file.endedAt} />),
  },
];

interface TasksProps {
  readonly action: ActionDetails;
  readonly search: ActionSearch;
}

/** How it ended on every endpoint, file by file. */
export function Tasks({ action, search }: TasksProps) {
  const navigate = useNavigate({ from: '/actions/$actionId' });
  const [opened, setOpened] = useState<string>();
  const rows = useMemo(() => outcomeRows(action, search), [action, search]);
  const change = (more: { readonly [Name in keyof ActionSearch]: unknown }) =>
    void navigate({ search: (before) => actionSearch.parse({ ...before, ...more }), replace: true });
  const shown = outcomeRows(action, {}).find(({ id }) => id === opened);
  return (
    <>
      <div className="filters">
        <Standing action={action} onChange={(there) => change({ there })} there={search.there} />
        <span className="grow" />
        <FilterField
          label="Host, path or reason"
          onChange={(text) => change({ text: text || undefined })}
          value={search.text ?? ''}
        />
      </div>
      {rows.length === 0 ? (
        <p className="mute">No endpoint is like that.</p>
      ) : (
        <DataTable
          columns={columns}
          label="Outcomes"
          onOpen={({ id }) => setOpened(id)}
          rowId={({ id }) => id}
          rows={rows}
        />
      )}
      {shown !== undefined && <OutcomeDialog actionId={action.id} onClose={() => setOpened(undefined)} row={shown} />}
    </>
  );
}

interface StandingProps {
  readonly action: ActionDetails;
  readonly there: ActionStatus | undefined;
  onChange(there: ActionStatus | undefined): void;
}

/** How many endpoints stand how; each is a filter. */
function Standing({ action, there, onChange }: StandingProps) {
  const counts = Map.groupBy(action.tasks, ({ status }) => status);
  return (
    <fieldset className="status-counts">
      <legend className="visually-hidden">How it stands on endpoints</legend>
      <button
        aria-pressed={there === undefined}
        className="status-count"
        onClick={() => onChange(undefined)}
        type="button"
      >
        {counted(action.tasks.length, 'endpoint')}
      </button>
      {[...counts].map(([status, { length }]) => (
        <button
          aria-pressed={there === status}
          className="status-count"
          key={status}
          onClick={() => onChange(there === status ? undefined : status)}
          type="button"
        >
          <Badge tone={statusWords[status].tone}>{statusWords[status].label}</Badge> <strong>{length}</strong>
        </button>
      ))}
    </fieldset>
  );
}
