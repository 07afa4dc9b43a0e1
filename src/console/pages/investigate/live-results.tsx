import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { client } from '../../app/client.ts';
import { Badge } from '../../kit/badge.tsx';
import { Button } from '../../kit/button.tsx';
import { type Column, DataTable } from '../../kit/data-table.tsx';
import { Moment } from '../../kit/moment.tsx';
import { Answered } from '../../kit/page-states.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { patternText } from '../../words/about.ts';
import { bytesText, counted } from '../../words/amounts.ts';
import { instantOf } from '../../words/files.ts';
import { hostOf, type OutcomeRow, outcomeRows, pathOf, whyOf } from '../../words/outcome-rows.ts';
import { type ActionDetails, outcomeWords } from '../../words/outcomes.ts';
import { isOpen, statusWords } from '../../words/statuses.ts';
import { HitDialog } from './hit-dialog.tsx';

const lookAgain = 1_500;

const columns: readonly Column<OutcomeRow>[] = [
  {
    ...{ id: 'host', title: 'Endpoint', track: 'minmax(8rem, 1fr)' },
    show: ({ task }) => <ShownText text={hostOf(task)} />,
  },
  { id: 'path', title: 'Path', track: 'minmax(14rem, 3fr)', show: (row) => <ShownText text={pathOf(row)} /> },
  {
    ...{ id: 'size', title: 'Size', track: '6rem', align: 'end' },
    show: ({ file }) => (file?.size === null || file === undefined ? null : bytesText(file.size)),
  },
  {
    ...{ id: 'modified', title: 'Modified', track: '12rem' },
    show: ({ file }) =>
      file?.details.modifiedNs === undefined ? null : <Moment at={instantOf(file.details.modifiedNs)} />,
  },
  {
    ...{ id: 'hash', title: 'SHA-256', track: '9rem' },
    show: ({ file }) => (file?.sha256 === null || file === undefined ? null : <code>{file.sha256.slice(0, 12)}…</code>),
  },
  {
    ...{ id: 'running', title: 'Run by', track: '8rem' },
    show: ({ file }) => file?.details.running?.map(({ pid }) => pid).join(', '),
  },
];

interface LiveResultsProps {
  readonly actionId: string;
  onClose(): void;
}

/** What endpoints find, as they tell it. */
export function LiveResults({ actionId, onClose }: LiveResultsProps) {
  const query = useQuery({
    queryKey: ['actions', actionId],
    queryFn: () => client.readAction(actionId),
    refetchInterval: ({ state }) => (state.data === undefined || isOpen(state.data.status) ? lookAgain : false),
  });
  return (
    <section aria-label="The live search" className="live-results">
      <Answered query={query} what="the search">
        {(action) => <Found action={action} onClose={onClose} />}
      </Answered>
    </section>
  );
}

function Found({ action, onClose }: { readonly action: ActionDetails; onClose(): void }) {
  const [opened, setOpened] = useState<OutcomeRow>();
  const hits = useMemo(
    () => outcomeRows(action, {}).filter(({ file }) => file?.outcome === 'done' && file.path !== null),
    [action],
  );
  const pattern = action.tasks[0]?.pattern;
  return (
    <>
      <div className="found-head">
        <p aria-live="polite">
          <Badge tone={statusWords[action.status].tone}>{statusWords[action.status].label}</Badge>{' '}
          {counted(hits.length, 'file')} found
          {pattern !== null && pattern !== undefined && (
            <>
              {' for '}
              <ShownText text={patternText(pattern)} />
            </>
          )}
          . <Answers action={action} />
        </p>
        <Link params={{ actionId: action.id }} to="/actions/$actionId">
          The action
        </Link>
        <Button onPress={onClose}>Back to the inventory</Button>
      </div>
      <Missed action={action} />
      {hits.length > 0 && (
        <DataTable
          columns={columns}
          label="Found by the live search"
          onOpen={setOpened}
          rowId={({ id }) => id}
          rows={hits}
        />
      )}
      {opened !== undefined && <HitDialog onClose={() => setOpened(undefined)} row={opened} />}
    </>
  );
}

function Answers({ action: { tasks } }: { readonly action: ActionDetails }) {
  const ended = tasks.filter(({ status }) => !isOpen(status)).length;
  return (
    <>
      {ended} of {counted(tasks.length, 'endpoint')} answered.
    </>
  );
}

const mostMissed = 20;

/** Where not everything was looked at, and why. */
function Missed({ action }: { readonly action: ActionDetails }) {
  const failed = outcomeRows(action, {}).filter(({ file }) => file !== undefined && file.outcome !== 'done');
  const losses = action.tasks.flatMap((task) =>
    [...new Set(task.files.flatMap((file) => file.losses))].map((loss) => `${hostOf(task)}: ${loss}`),
  );
  const words = [
    ...failed
      .filter(({ file }) => file?.outcome !== 'not_found')
      .map(
        (row) =>
          `${hostOf(row.task)}: ${row.file === undefined ? '' : outcomeWords[row.file.outcome].label}. ${whyOf(row)}`,
      ),
    ...losses,
  ];
  return words.length === 0 ? null : (
    <details>
      <summary>Not everything was looked at on some endpoints</summary>
      <ul>
        {words.slice(0, mostMissed).map((each) => (
          <li key={each}>
            <ShownText text={each} />
          </li>
        ))}
      </ul>
      {words.length > mostMissed && <p className="mute">and {counted(words.length - mostMissed, 'more')}</p>}
    </details>
  );
}
