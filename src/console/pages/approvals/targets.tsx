import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { client } from '../../app/client.ts';
import { useMay } from '../../app/may.ts';
import { type Column, DataTable } from '../../kit/data-table.tsx';
import { Facts } from '../../kit/facts.tsx';
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
  const copies = useCopies(tasks, approval.state === 'waiting');
  const rows = tasks.flatMap((task): Target[] => {
    const paths = task.paths.length > 0 ? task.paths : (copies.get(placeOf(task)) ?? [null]);
    return paths.map((path, index) => ({ id: `${task.id}.${index}`, task, path }));
  });
  return (
    <section aria-label="What it would touch" className="card targets">
      <h2>{approval.state === 'waiting' ? 'What exactly it would touch' : 'What it was about'}</h2>
      <Different rows={rows} tasks={tasks} />
      {copies.size > 0 && (
        <p className="mute">
          The order goes by hash. Paths are those that endpoints have reported; a copy that is elsewhere by then, under
          the roots that they inventory, is taken too.
        </p>
      )}
      <DataTable
        columns={columns}
        label="Files"
        onOpen={({ task }) => void navigate({ to: '/endpoints/$endpointId', params: { endpointId: task.endpointId } })}
        rowId={({ id }) => id}
        rows={rows}
      />
    </section>
  );
}

function placeOf({ endpointId, sha256 }: { readonly endpointId: string; readonly sha256: string | null }): string {
  return `${endpointId}.${sha256}`;
}

const mostCopies = 1_000;

/** Where the files are now that an order names by hash alone, as far as endpoints have reported them. */
function useCopies(tasks: readonly ActionTask[], isWaiting: boolean): ReadonlyMap<string, readonly string[]> {
  const mayRead = useMay('files.read');
  const byHash = tasks.filter(({ paths, sha256 }) => paths.length === 0 && sha256 !== null);
  const hashes = [...new Set(byHash.flatMap(({ sha256 }) => sha256 ?? []))];
  const { data } = useQuery({
    queryKey: ['files', 'copies', hashes],
    queryFn: () =>
      client.findFiles({ conditions: [{ field: 'sha256', values: hashes }], states: ['present'], limit: mostCopies }),
    enabled: isWaiting && mayRead && hashes.length > 0,
  });
  const copies = new Map<string, string[]>();
  for (const file of isWaiting ? (data?.items ?? []) : []) {
    copies.set(placeOf(file), [...(copies.get(placeOf(file)) ?? []), file.path]);
  }
  return copies;
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
