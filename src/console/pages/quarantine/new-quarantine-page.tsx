import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { client } from '../../app/client.ts';
import { previewQuery } from '../../app/queries.ts';
import { FilterField } from '../../kit/filter-field.tsx';
import { PageHead } from '../../kit/page-head.tsx';
import { Answered, Empty } from '../../kit/page-states.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { BlastRadius } from './blast-radius.tsx';
import { EndpointField } from './endpoint-field.tsx';
import { OrderCard } from './order-card.tsx';
import { isSha256, type NewQuarantineSearch } from './search.ts';
import '../../style/quarantine.css';

const route = getRouteApi('/shell/quarantine/new');
const mostNamed = 200;

/** What is to be taken, what that would touch, and only then the order. */
export function NewQuarantinePage(): ReactNode {
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/quarantine/new' });
  const change = (more: Partial<NewQuarantineSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...more }), replace: true });
  return (
    <>
      <nav aria-label="Where this page is" className="crumbs">
        <Link to="/quarantine">Quarantine</Link>
      </nav>
      <PageHead title="New quarantine" />
      <p className="mute">
        Nothing happens before you order it below. Name a SHA-256 to take every copy; name an endpoint to take it there
        alone; name an endpoint and a path to take what is at that place.
      </p>
      <div className="filters new-quarantine">
        <FilterField
          label="SHA-256"
          onChange={(value) => change({ sha256: value.trim() || undefined, running: undefined })}
          value={search.sha256 ?? ''}
        />
        <EndpointField
          endpointId={search.endpoint}
          label="Only on the endpoint"
          onChange={(endpoint) => change({ endpoint })}
        />
        <FilterField
          label="Only at the path"
          onChange={(value) => change({ path: value || undefined })}
          value={search.path ?? ''}
        />
      </div>
      <Considered onRunning={(running) => change({ running })} search={search} />
    </>
  );
}

interface ConsideredProps {
  readonly search: NewQuarantineSearch;
  onRunning(searchId: string): void;
}

function Considered({ search, onRunning }: ConsideredProps) {
  const { sha256, endpoint, path } = search;
  if (sha256 !== undefined && !isSha256(sha256)) {
    return (
      <Empty title="This is no SHA-256.">It has 64 digits from 0 to 9 and a to f; this has {sha256.length}.</Empty>
    );
  }
  if (path !== undefined && endpoint === undefined) {
    return <Empty title="On which endpoint?">A path alone says what is taken only together with an endpoint.</Empty>;
  }
  if (endpoint !== undefined && (path !== undefined || sha256 !== undefined)) {
    return <OnEndpoint endpoint={endpoint} onRunning={onRunning} search={search} />;
  }
  return sha256 === undefined ? (
    <Empty title="Which file?">Paste its SHA-256, or choose an endpoint and a path.</Empty>
  ) : (
    <Everywhere onRunning={onRunning} running={search.running} sha256={sha256.toLowerCase()} />
  );
}

/** Where a preview may still change by what endpoints answer. */
const lookAgain = 2_000;

function usePreview(sha256: string | undefined, running: string | undefined) {
  return useQuery({
    ...previewQuery(sha256 ?? '', running),
    enabled: sha256 !== undefined,
    refetchInterval: ({ state: { data } }) =>
      data !== undefined && data.searched !== null && data.searched.answered < data.searched.endpoints
        ? lookAgain
        : false,
  });
}

interface EverywhereProps {
  readonly sha256: string;
  readonly running: string | undefined;
  onRunning(searchId: string): void;
}

function Everywhere({ sha256, running, onRunning }: EverywhereProps) {
  const query = usePreview(sha256, running);
  return (
    <Answered query={query} what="what it would touch">
      {(preview) => (
        <>
          <BlastRadius onRunning={onRunning} preview={preview} sha256={sha256} />
          <OrderCard
            endpoints={preview.targets.endpoints}
            files={preview.seen.files}
            order={{ endpointIds: 'holders', targetDigest: preview.targets.digest, path: null, sha256 }}
            packages={preview.seen.packages.length}
            rules={preview.rules}
            where="on every endpoint that has it"
          />
        </>
      )}
    </Answered>
  );
}

interface OnEndpointProps extends ConsideredProps {
  readonly endpoint: string;
}

/** On one endpoint: the files that it reported which are meant, and what is known of their bytes elsewhere. */
function OnEndpoint({ search, endpoint, onRunning }: OnEndpointProps) {
  const { path, running } = search;
  const asked = search.sha256?.toLowerCase();
  const files = useQuery({
    queryKey: ['files', 'meant', endpoint, path, asked],
    queryFn: () =>
      client.findFiles({
        conditions: [
          { field: 'endpointId', values: [endpoint] },
          ...(path === undefined ? [] : [{ field: 'path' as const, values: [path] }]),
          ...(asked === undefined ? [] : [{ field: 'sha256' as const, values: [asked] }]),
        ],
        states: ['present'],
        limit: mostNamed,
      }),
  });
  const sha256 = asked ?? files.data?.items[0]?.sha256;
  const preview = usePreview(sha256, running);
  return (
    <Answered query={files} what="the files that are meant">
      {({ items, total }) => (
        <>
          {preview.data !== undefined && sha256 !== undefined && (
            <BlastRadius onRunning={onRunning} preview={preview.data} sha256={sha256} />
          )}
          {preview.error !== null && (
            <p className="banner bad">
              <ShownText text={preview.error.message} />
            </p>
          )}
          <OrderCard
            endpoints={1}
            files={total}
            named={items}
            order={{ endpointIds: [endpoint], path: path ?? null, sha256: sha256 ?? null }}
            packages={items.filter((file) => file.package !== null).length}
            rules={null}
            where="on this endpoint alone"
          />
        </>
      )}
    </Answered>
  );
}
