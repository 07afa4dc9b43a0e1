import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { client } from '../../app/client.ts';
import { useMay } from '../../app/may.ts';
import { readAll } from '../../app/read-all.ts';
import { Button } from '../../kit/button.tsx';
import { csvFile } from '../../kit/csv.ts';
import { type Column, DataTable } from '../../kit/data-table.tsx';
import { Facts } from '../../kit/facts.tsx';
import { saveFile } from '../../kit/save-file.ts';
import { ShownText } from '../../kit/shown-text.tsx';
import { counted } from '../../words/amounts.ts';
import type { Approval } from '../../words/approvals.ts';
import type { ActionDetails, ActionTask } from '../../words/outcomes.ts';

interface Target {
  readonly id: string;
  readonly task: ActionTask;
  readonly path: string | null;
}

const columns: readonly Column<Target>[] = [
  {
    ...{ id: 'endpoint', title: 'Endpoint', track: 'minmax(10rem, 1fr)' },
    show: ({ task }) => <ShownText text={task.hostName ?? task.endpointId} />,
  },
  {
    ...{ id: 'path', title: 'Path', track: 'minmax(14rem, 2fr)' },
    show: ({ path }) => (path === null ? 'wherever the file is' : <ShownText text={path} />),
  },
  {
    ...{ id: 'sha256', title: 'SHA-256', track: 'minmax(12rem, 1.5fr)' },
    show: ({ task }) => (task.sha256 === null ? 'whatever is there' : <code>{task.sha256}</code>),
  },
];

interface TargetsProps {
  readonly approval: Approval;
  readonly action: ActionDetails;
}

/** The very set that the decision is about, one row for each file. */
export function Targets({ approval, action }: TargetsProps) {
  const navigate = useNavigate();
  // While it waits, only what is held is decided: an action that is retried has other endpoints too.
  const tasks = approval.state === 'waiting' ? action.tasks.filter(({ state }) => state === 'held') : action.tasks;
  const { paths: copies, total, isReading, failure } = useCopies(tasks, approval.state === 'waiting');
  const rows = tasks.flatMap((task): Target[] => {
    const paths = task.paths.length > 0 ? task.paths : (copies.get(placeOf(task)) ?? [null]);
    return paths.map((path, index) => ({ id: `${task.id}.${index}`, task, path }));
  });
  return (
    <section aria-label="What it would touch" className="card targets">
      <h2>{approval.state === 'waiting' ? 'What exactly it would touch' : 'What it was about'}</h2>
      <Different rows={rows} tasks={tasks} />
      {isReading && <p role="status">Asking where the copies are …</p>}
      {failure !== null && (
        <p className="field-error" role="alert">
          It could not be asked where the copies are: {failure.message}
        </p>
      )}
      {copies.size > 0 && (
        <p className="mute">
          The order goes by hash. Paths are those that endpoints have reported; a copy that is elsewhere by then, under
          the roots that they inventory, is taken too.
        </p>
      )}
      {total > mostCopies && <NotAll hashes={hashesOf(tasks)} total={total} />}
      <DataTable
        columns={columns}
        label="Files"
        onOpen={({ task }) => void navigate({ to: '/endpoints/$endpointId', params: { endpointId: task.endpointId } })}
        rowId={({ id }) => id}
        rows={rows}
      />
      <div className="buttons start">
        <Button onPress={() => saveFile(asTable(rows), `custody-approval-${approval.actionId}.csv`)}>
          Save this list as CSV
        </Button>
      </div>
    </section>
  );
}

function NotAll({ hashes, total }: { readonly hashes: readonly string[]; readonly total: number }) {
  return (
    <p>
      <strong>
        Paths of the first {counted(mostCopies, 'copy', 'copies')} of {counted(total, 'copy', 'copies')} stand here.
      </strong>{' '}
      <Link
        search={{ where: hashes.map((value) => ({ field: 'sha256', operator: 'is' as const, value })) }}
        to="/investigate"
      >
        Look at all of them
      </Link>
    </p>
  );
}

function asTable(rows: readonly Target[]): Blob {
  return csvFile([
    ['Endpoint', 'Endpoint ID', 'Path', 'SHA-256'],
    ...rows.map(({ task, path }) => [task.hostName ?? '', task.endpointId, path ?? '', task.sha256 ?? '']),
  ]);
}

function placeOf({ endpointId, sha256 }: { readonly endpointId: string; readonly sha256: string | null }): string {
  return `${endpointId}.${sha256}`;
}

/** More than anybody reads, and less than a browser's page can hold. */
const mostCopies = 50_000;
/** A long list is not asked for anew with every event. */
const knownFor = 60_000;

/** Of those that name no path. */
function hashesOf(tasks: readonly ActionTask[]): readonly string[] {
  return [...new Set(tasks.flatMap(({ paths, sha256 }) => (paths.length === 0 && sha256 !== null ? [sha256] : [])))];
}

interface Copies {
  readonly paths: ReadonlyMap<string, readonly string[]>;
  readonly total: number;
  readonly isReading: boolean;
  readonly failure: Error | null;
}

/** Where the files are now that an order names by hash alone, as far as endpoints have reported them. */
function useCopies(tasks: readonly ActionTask[], isWaiting: boolean): Copies {
  const mayRead = useMay('files.read');
  const hashes = hashesOf(tasks);
  const isAsked = isWaiting && mayRead && hashes.length > 0;
  const query = useQuery({
    queryKey: ['copies', hashes],
    queryFn: () =>
      readAll(
        (at) =>
          client.findFiles({ conditions: [{ field: 'sha256', values: [...hashes] }], states: ['present'], ...at }),
        { idOf: ({ guid }) => guid, most: mostCopies },
      ),
    enabled: isAsked,
    refetchInterval: knownFor,
  });
  const found = isAsked ? query.data : undefined;
  const paths = useMemo(() => {
    const byPlace = Map.groupBy(found?.items ?? [], placeOf);
    return new Map([...byPlace].map(([place, files]) => [place, files.map(({ path }) => path)]));
  }, [found]);
  return { paths, total: found?.total ?? 0, isReading: isAsked && query.isPending, failure: query.error };
}

const mostShown = 5;

/** How many different things there are among the rows, and which. */
function Different({ rows, tasks }: { readonly rows: readonly Target[]; readonly tasks: readonly ActionTask[] }) {
  const paths = [...new Set(rows.flatMap(({ path }) => path ?? []))];
  const hashes = [...new Set(tasks.flatMap(({ sha256 }) => sha256 ?? []))];
  return (
    <Facts
      facts={[
        ['Endpoints', counted(new Set(tasks.map(({ endpointId }) => endpointId)).size, 'endpoint')],
        [counted(paths.length, 'path'), paths.length === 0 ? null : <Few key="paths" texts={paths} />],
        [
          counted(hashes.length, 'SHA-256', 'SHA-256s'),
          hashes.length === 0 ? null : <Few key="hashes" texts={hashes} />,
        ],
      ]}
    />
  );
}

function Few({ texts }: { readonly texts: readonly string[] }) {
  return (
    <ul className="plain-list">
      {texts.slice(0, mostShown).map((text) => (
        <li key={text}>
          <ShownText text={text} />
        </li>
      ))}
      {texts.length > mostShown && <li className="mute">and {counted(texts.length - mostShown, 'other')}</li>}
    </ul>
  );
}
