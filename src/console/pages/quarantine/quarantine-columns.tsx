import { Badge } from '../../kit/badge.tsx';
import type { Column } from '../../kit/data-table.tsx';
import { Moment } from '../../kit/moment.tsx';
import { PathText } from '../../kit/path-text.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { bytesText } from '../../words/amounts.ts';
import { type QuarantinedHash, type QuarantineRecord, standingOf } from '../../words/quarantine.ts';

const endpoint: Column<QuarantineRecord> = {
  ...{ id: 'endpoint', title: 'Endpoint', track: 'minmax(8rem, 1fr)' },
  show: ({ hostName, endpointId }) => <ShownText text={hostName ?? endpointId} />,
};

const path: Column<QuarantineRecord> = {
  ...{ id: 'path', title: 'Path', track: 'minmax(14rem, 3fr)' },
  show: (record) => <PathText path={record.path} />,
};

const state: Column<QuarantineRecord> = {
  ...{ id: 'state', title: 'State', track: '12rem' },
  show: (record) => <Badge tone={standingOf(record).tone}>{standingOf(record).label}</Badge>,
};

const since: Column<QuarantineRecord> = {
  ...{ id: 'at', title: 'Quarantined', track: '13rem' },
  show: ({ quarantinedAt }) => <Moment at={quarantinedAt} />,
};

export const fileColumns: readonly Column<QuarantineRecord>[] = [
  path,
  endpoint,
  state,
  { id: 'size', title: 'Size', track: '6rem', align: 'end', show: ({ size }) => bytesText(size) },
  since,
  { id: 'sha256', title: 'SHA-256', track: 'minmax(9rem, 1fr)', show: ({ sha256 }) => <code>{sha256}</code> },
];

/** Of one content, whose hash and size stand above. */
export const copyColumns: readonly Column<QuarantineRecord>[] = [path, endpoint, state, since];

export const hashColumns: readonly Column<QuarantinedHash>[] = [
  {
    ...{ id: 'path', title: 'Path', track: 'minmax(14rem, 3fr)' },
    show: (row) => (
      <>
        {row.pathsCount > 1 && <span className="chip">{row.pathsCount} paths</span>}
        <PathText path={row.path} />
      </>
    ),
  },
  { id: 'held', title: 'In vaults', track: '5.5rem', align: 'end', show: ({ held }) => held },
  { id: 'restored', title: 'Restored', track: '5.5rem', align: 'end', show: ({ restored }) => restored },
  { id: 'purged', title: 'Deleted', track: '5.5rem', align: 'end', show: ({ purged }) => purged },
  { id: 'bad', title: 'Lost, damaged', track: '8rem', align: 'end', show: ({ lost, damaged }) => lost + damaged },
  { id: 'endpoints', title: 'Endpoints', track: '5.5rem', align: 'end', show: (row) => row.endpointsCount },
  { id: 'size', title: 'Size', track: '6rem', align: 'end', show: ({ size }) => bytesText(size) },
  { id: 'last', title: 'Last quarantined', track: '13rem', show: (row) => <Moment at={row.lastQuarantinedAt} /> },
  { id: 'sha256', title: 'SHA-256', track: 'minmax(9rem, 1fr)', show: ({ sha256 }) => <code>{sha256}</code> },
];
