import '../../style/investigate.css';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useRef, useState } from 'react';
import { useMay } from '../../app/may.ts';
import { meQuery } from '../../app/queries.ts';
import { Button } from '../../kit/button.tsx';
import { PageHead } from '../../kit/page-head.tsx';
import { Empty } from '../../kit/page-states.tsx';
import { LiveResults } from './live-results.tsx';
import { LiveSearchDialog } from './live-search-dialog.tsx';
import { QueryBuilder } from './query-builder.tsx';
import { Results } from './results.tsx';
import { SavedQueries } from './saved-queries.tsx';
import type { Chip } from './search.ts';
import { sourceNames } from './source-names.ts';
import { chipsOf, sources } from './sources.ts';

const route = getRouteApi('/shell/investigate');

/** Finds files, endpoints, processes and incidents. */
export function InvestigatePage(): ReactNode {
  const { in: source = 'files', where = [], live } = route.useSearch();
  const chips = chipsOf(source, where);
  const navigate = useNavigate({ from: '/investigate' });
  const { data: me } = useQuery(meQuery);
  const maySearch = useMay('files.search');
  const [isAsking, setAsking] = useState(false);
  const found = useRef<HTMLDivElement>(null);
  const change = (next: readonly Chip[]) =>
    void navigate({
      search: (before) => ({ ...before, where: next.length === 0 ? undefined : [...next], live: undefined }),
    });
  const searchLive = (
    <Button onPress={() => setAsking(true)} refusal={maySearch ? undefined : 'Your role may not search endpoints.'}>
      Search live on endpoints
    </Button>
  );
  return (
    <>
      <PageHead title="Investigate">
        <span className="grow" />
        {me !== null && me !== undefined && (
          <SavedQueries
            chips={chips}
            onChoose={(query) => void navigate({ search: { in: query.in, where: [...query.where] } })}
            personId={me.id}
            source={source}
          />
        )}
        {searchLive}
      </PageHead>
      <nav aria-label="Look among" className="source-tabs">
        {sourceNames.map((name) => (
          <Link
            activeOptions={{ includeSearch: false }}
            aria-current={name === source ? 'page' : undefined}
            className={name === source ? 'chosen' : ''}
            key={name}
            search={{ in: name }}
            to="/investigate"
          >
            {sources[name].label}
          </Link>
        ))}
      </nav>
      <QueryBuilder
        chips={chips}
        key={source}
        onChange={change}
        onDown={() => found.current?.querySelector<HTMLElement>('[role=grid]')?.focus()}
        source={source}
      />
      <div className="found" ref={found}>
        {live !== undefined && (
          <LiveResults
            actionId={live}
            onClose={() => void navigate({ search: (before) => ({ ...before, live: undefined }) })}
          />
        )}
        {live === undefined && (chips.length > 0 || sources[source].showsAll) && (
          <Results chips={chips} key={source} nothing={source === 'files' && searchLive} source={source} />
        )}
        {live === undefined && chips.length === 0 && !sources[source].showsAll && (
          <Empty title="What are you looking for?">
            Files that agents have inventoried are found at once. What is not in an inventory is found by a live search.
          </Empty>
        )}
      </div>
      <LiveSearchDialog
        chips={chips}
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        onStarted={(actionId) => void navigate({ search: (before) => ({ ...before, live: actionId }) })}
      />
    </>
  );
}
