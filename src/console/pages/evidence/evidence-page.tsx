import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { usePagesOfRows } from '../../app/pages-of-rows.ts';
import { Badge } from '../../kit/badge.tsx';
import { type Column, DataTable } from '../../kit/data-table.tsx';
import { Select } from '../../kit/fields.tsx';
import { FilterField } from '../../kit/filter-field.tsx';
import { Moment } from '../../kit/moment.tsx';
import { PageHead } from '../../kit/page-head.tsx';
import { Answered, Empty } from '../../kit/page-states.tsx';
import { PathText } from '../../kit/path-text.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { bytesText, counted } from '../../words/amounts.ts';
import { type Evidence, evidenceStateWords } from '../../words/evidence.ts';
import { type EvidenceSearch, evidenceSearch, evidenceStates } from './search.ts';
import '../../style/evidence.css';

const route = getRouteApi('/shell/evidence');
const wholeHash = /^[0-9a-f]{64}$/i;

const columns: readonly Column<Evidence>[] = [
  {
    ...{ id: 'file', title: 'File', track: 'minmax(14rem, 3fr)' },
    show: ({ sources }) => <PathText path={sources[0]?.path ?? 'Not reported yet'} />,
  },
  {
    ...{ id: 'from', title: 'From', track: 'minmax(9rem, 1fr)' },
    show: ({ sources: [newest], sourcesCount }) => (
      <>
        <ShownText text={newest?.hostName ?? newest?.endpointId ?? ''} />
        {sourcesCount > 1 && <span className="mute"> and {sourcesCount - 1} more</span>}
      </>
    ),
  },
  {
    ...{ id: 'state', title: 'State', track: '12rem' },
    show: ({ state }) => <Badge tone={evidenceStateWords[state].tone}>{evidenceStateWords[state].label}</Badge>,
  },
  {
    ...{ id: 'held', title: 'On hold for', track: '8rem' },
    show: ({ heldBy }) => (heldBy.length === 0 ? null : counted(heldBy.length, 'incident')),
  },
  { id: 'size', title: 'Size', track: '6rem', align: 'end', show: ({ size }) => bytesText(size) },
  { id: 'at', title: 'Fetched last', track: '13rem', show: ({ wantedAt }) => <Moment at={wantedAt} /> },
  { id: 'sha256', title: 'SHA-256', track: 'minmax(9rem, 1fr)', show: ({ sha256 }) => <code>{sha256}</code> },
];

/** What was fetched, by its bytes, and where it is from. */
export function EvidencePage(): ReactNode {
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/evidence' });
  const change = (more: Partial<EvidenceSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...more }), replace: true });
  const filter = filterOf(search);
  const { beginning, rows, onView } = usePagesOfRows({
    queryKey: ['evidence', 'list', filter],
    read: (page, ask) => ask.listEvidence({ ...filter, ...page }),
    rowId: ({ sha256 }) => sha256,
  });
  return (
    <>
      <PageHead title="Evidence" />
      <div className="filters">
        <Select
          choices={[
            { value: '', label: 'Any state' },
            ...evidenceStates.map((each) => ({ value: each, label: evidenceStateWords[each].label })),
          ]}
          label="State"
          onChange={(value) => change(evidenceSearch.pick({ state: true }).parse({ state: value || undefined }))}
          value={search.state ?? ''}
        />
        <FilterField
          label="Path contains"
          onChange={(path) => change({ path: path || undefined })}
          value={search.path ?? ''}
        />
        <FilterField
          label="SHA-256 (whole)"
          onChange={(sha256) => change({ sha256: sha256.trim() || undefined })}
          value={search.sha256 ?? ''}
        />
      </div>
      <Answered query={beginning} what="the evidence">
        {({ total }) =>
          total === 0 ? (
            <Nothing isFiltered={Object.keys(filter).length > 0} />
          ) : (
            <>
              <p className="mute" role="status">
                {counted(total, 'file')}, each content once
              </p>
              <DataTable
                columns={columns}
                label="Evidence"
                onOpen={({ sha256 }) => void navigate({ to: '/evidence/$sha256', params: { sha256 } })}
                onView={onView}
                rowId={({ sha256 }) => sha256}
                rows={rows}
              />
            </>
          )
        }
      </Answered>
    </>
  );
}

function filterOf({ state, path, sha256 }: EvidenceSearch) {
  return {
    ...(state !== undefined && { state: [state] }),
    ...(path !== undefined && { pathContains: path }),
    ...(sha256 !== undefined && wholeHash.test(sha256) && { sha256: [sha256.toLowerCase()] }),
  };
}

function Nothing({ isFiltered }: { readonly isFiltered: boolean }) {
  return isFiltered ? (
    <Empty title="No fetched file is like that.">
      <Link to="/evidence">Show all evidence</Link>
    </Empty>
  ) : (
    <Empty title="Nothing has been fetched yet.">
      A file that is fetched from an endpoint is kept here, sealed, with everybody through whose hands it went. Find one
      on the page <Link to="/investigate">Investigate</Link>.
    </Empty>
  );
}
