import { useNavigate } from '@tanstack/react-router';
import type { Client } from '#sdk/client.ts';
import { usePagesOfRows } from '../../app/pages-of-rows.ts';
import { Badge, type Tone } from '../../kit/badge.tsx';
import { type Column, DataTable } from '../../kit/data-table.tsx';
import { Moment } from '../../kit/moment.tsx';
import { Answered, Empty } from '../../kit/page-states.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { bytesText } from '../../words/amounts.ts';

type Held = Awaited<ReturnType<Client['listQuarantine']>>['items'][number];

const stateWords: Readonly<Record<Held['state'], { readonly label: string; readonly tone: Tone }>> = {
  held: { label: 'In the vault', tone: 'good' },
  restored: { label: 'Restored', tone: 'mute' },
  purged: { label: 'Deleted', tone: 'mute' },
  lost: { label: 'Lost', tone: 'bad' },
};

const columns: readonly Column<Held>[] = [
  { id: 'path', title: 'Where it was', track: 'minmax(16rem, 3fr)', show: ({ path }) => <ShownText text={path} /> },
  {
    ...{ id: 'state', title: 'State', track: '9rem' },
    show: ({ state, damagedAt }) =>
      damagedAt === null ? (
        <Badge tone={stateWords[state].tone}>{stateWords[state].label}</Badge>
      ) : (
        <Badge tone="bad">Damaged</Badge>
      ),
  },
  { id: 'size', title: 'Size', track: '6rem', align: 'end', show: ({ size }) => bytesText(size) },
  { id: 'hash', title: 'SHA-256', track: '9rem', show: ({ sha256 }) => <code>{sha256.slice(0, 12)}…</code> },
  { id: 'at', title: 'Taken', track: '13rem', show: ({ quarantinedAt }) => <Moment at={quarantinedAt} /> },
  {
    ...{ id: 'left', title: 'Left the vault', track: '13rem' },
    show: ({ restoredAt }) => (restoredAt === null ? '' : <Moment at={restoredAt} />),
  },
];

/** What its vault holds, and what it held. */
export function EndpointVault({ endpointId }: { readonly endpointId: string }) {
  const navigate = useNavigate();
  const { beginning, rows, onView } = usePagesOfRows({
    queryKey: ['quarantine', 'endpoint', endpointId],
    read: (page, ask) => ask.listQuarantine({ endpointId: [endpointId], ...page }),
    rowId: ({ vaultObject }) => vaultObject,
  });
  return (
    <Answered query={beginning} what="the vault">
      {({ total }) =>
        total === 0 ? (
          <Empty title="Nothing is, or was, quarantined on it." />
        ) : (
          <DataTable
            columns={columns}
            label="The vault of the endpoint"
            onOpen={({ guid }) => void navigate({ to: '/files/$guid', params: { guid } })}
            onView={onView}
            rowId={({ vaultObject }) => vaultObject}
            rows={rows}
          />
        )
      }
    </Answered>
  );
}
