import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useMay } from '../../app/may.ts';
import { usePagesOfRows } from '../../app/pages-of-rows.ts';
import { Button } from '../../kit/button.tsx';
import { DataTable } from '../../kit/data-table.tsx';
import { Select } from '../../kit/fields.tsx';
import { FilterField } from '../../kit/filter-field.tsx';
import { PageHead } from '../../kit/page-head.tsx';
import { Answered, Empty } from '../../kit/page-states.tsx';
import { TabLinks } from '../../kit/tab-links.tsx';
import { counted } from '../../words/amounts.ts';
import { quarantineStateWords } from '../../words/quarantine.ts';
import { EndpointField } from './endpoint-field.tsx';
import { fileColumns, hashColumns } from './quarantine-columns.tsx';
import { isSha256, type QuarantineSearch, quarantineSearch, quarantineStates } from './search.ts';
import '../../style/quarantine.css';

const route = getRouteApi('/shell/quarantine');

/** A view without a name in the address is not every view. */
const ofView = { includeSearch: true, explicitUndefined: true };

/** What the vaults of the endpoints hold: file by file, or by content. */
export function QuarantinePage(): ReactNode {
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/quarantine' });
  const mayTake = useMay('files.quarantine');
  const change = (more: Partial<QuarantineSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...more }), replace: true });
  const isByHash = search.view === 'hashes';
  return (
    <>
      <PageHead title="Quarantine">
        <span className="grow" />
        <Button
          look="main"
          onPress={() => void navigate({ to: '/quarantine/new' })}
          refusal={mayTake ? undefined : 'Your role may not quarantine.'}
        >
          New quarantine
        </Button>
      </PageHead>
      <TabLinks label="Views of the quarantine">
        <Link activeOptions={ofView} from="/quarantine" search={(before) => ({ ...before, view: undefined })} to=".">
          Files
        </Link>
        <Link
          activeOptions={ofView}
          from="/quarantine"
          search={(before) => ({ ...before, view: 'hashes' as const })}
          to="."
        >
          By SHA-256
        </Link>
      </TabLinks>
      <Filters change={change} search={search} />
      {isByHash ? <Hashes search={search} /> : <Files search={search} />}
    </>
  );
}

interface FiltersProps {
  readonly search: QuarantineSearch;
  change(more: Partial<QuarantineSearch>): void;
}

function Filters({ search, change }: FiltersProps) {
  const { state, path, sha256, endpoint } = search;
  return (
    <div className="filters">
      <Select
        choices={[
          ...quarantineStates.map((each) => ({ value: each, label: quarantineStateWords[each].label })),
          { value: 'all', label: 'Whatever became of it' },
        ]}
        label="State"
        onChange={(value) =>
          change(quarantineSearch.pick({ state: true }).parse({ state: value === 'held' ? undefined : value }))
        }
        value={state ?? 'held'}
      />
      <FilterField
        label="Path contains"
        onChange={(value) => change({ path: value || undefined })}
        value={path ?? ''}
      />
      <FilterField
        label="SHA-256 (whole)"
        onChange={(value) => change({ sha256: value.trim() || undefined })}
        value={sha256 ?? ''}
      />
      <EndpointField endpointId={endpoint} onChange={(value) => change({ endpoint: value })} />
    </div>
  );
}

function filterOf({ state = 'held', path, sha256, endpoint }: QuarantineSearch) {
  return {
    ...(state !== 'all' && { state: [state] }),
    ...(path !== undefined && { pathContains: path }),
    ...(sha256 !== undefined && isSha256(sha256) && { sha256: [sha256.toLowerCase()] }),
    ...(endpoint !== undefined && { endpointId: [endpoint] }),
  };
}

function Files({ search }: { readonly search: QuarantineSearch }) {
  const navigate = useNavigate();
  const filter = filterOf(search);
  const { beginning, rows, onView } = usePagesOfRows({
    queryKey: ['quarantine', 'files', filter],
    read: (page, ask) => ask.listQuarantine({ ...filter, ...page }),
    rowId: ({ vaultObject }) => vaultObject,
  });
  return (
    <Answered query={beginning} what="the quarantined files">
      {({ total }) =>
        total === 0 ? (
          <Nothing search={search} />
        ) : (
          <>
            <p className="mute" role="status">
              {counted(total, 'file')}
            </p>
            <DataTable
              columns={fileColumns}
              label="Quarantined files"
              onOpen={({ sha256, vaultObject: copy }) =>
                void navigate({ to: '/quarantine/$sha256', params: { sha256 }, search: { copy } })
              }
              onView={onView}
              rowId={({ vaultObject }) => vaultObject}
              rows={rows}
            />
          </>
        )
      }
    </Answered>
  );
}

function Hashes({ search }: { readonly search: QuarantineSearch }) {
  const navigate = useNavigate();
  const filter = filterOf(search);
  const { beginning, rows, onView } = usePagesOfRows({
    queryKey: ['quarantine', 'hashes', filter],
    read: (page, ask) => ask.listQuarantinedHashes({ ...filter, ...page }),
    rowId: ({ sha256 }) => sha256,
  });
  return (
    <Answered query={beginning} what="the quarantined hashes">
      {({ total }) =>
        total === 0 ? (
          <Nothing search={search} />
        ) : (
          <>
            <p className="mute" role="status">
              {counted(total, 'content')}
            </p>
            <DataTable
              columns={hashColumns}
              label="Quarantined hashes"
              onOpen={({ sha256 }) => void navigate({ to: '/quarantine/$sha256', params: { sha256 } })}
              onView={onView}
              rowId={({ sha256 }) => sha256}
              rows={rows}
            />
          </>
        )
      }
    </Answered>
  );
}

function Nothing({ search: { view, ...filters } }: { readonly search: QuarantineSearch }) {
  const isFiltered = Object.values(filters).some((value) => value !== undefined);
  return isFiltered ? (
    <Empty title="No quarantined file is like that.">
      <Link search={view === undefined ? {} : { view }} to="/quarantine">
        Show all that vaults hold
      </Link>
    </Empty>
  ) : (
    <Empty title="No vault holds a file.">
      What is quarantined goes into the vault of its endpoint, encrypted, and can be restored from there as it was.
    </Empty>
  );
}
