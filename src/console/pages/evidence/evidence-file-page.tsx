import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { client } from '../../app/client.ts';
import { Badge } from '../../kit/badge.tsx';
import { Facts } from '../../kit/facts.tsx';
import { Moment } from '../../kit/moment.tsx';
import { PageHead } from '../../kit/page-head.tsx';
import { Answered, Empty } from '../../kit/page-states.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { bytesText, counted } from '../../words/amounts.ts';
import { type Evidence, type EvidenceSource, evidenceStateWords } from '../../words/evidence.ts';
import { CustodyChain } from './custody-chain.tsx';
import { EvidenceButtons } from './evidence-buttons.tsx';
import { Holds } from './holds.tsx';
import { Preview } from './preview.tsx';
import '../../style/evidence.css';

const route = getRouteApi('/shell/evidence/$sha256');

/** One content: where it is from, through whose hands it went, and what it looks like. */
export function EvidenceFilePage(): ReactNode {
  const { sha256 } = route.useParams();
  const query = useQuery({
    queryKey: ['evidence', sha256],
    queryFn: async () => (await client.listEvidence({ sha256: [sha256] })).items[0] ?? null,
  });
  return (
    <>
      <nav aria-label="Where this page is" className="crumbs">
        <Link to="/evidence">Evidence</Link>
      </nav>
      <Answered query={query} what="the evidence">
        {(evidence) =>
          evidence === null ? (
            <>
              <PageHead title="Fetched file" />
              <Empty title="Nothing with this SHA-256 was ever fetched.">
                <code className="hash">{sha256}</code>
              </Empty>
            </>
          ) : (
            <EvidenceFile evidence={evidence} />
          )
        }
      </Answered>
    </>
  );
}

function EvidenceFile({ evidence }: { readonly evidence: Evidence }) {
  const { task, file } = route.useSearch();
  const { sources, state } = evidence;
  const source = sources.find(({ taskId, ordinal }) => taskId === task && ordinal === (file ?? 0)) ?? sources[0];
  return (
    <>
      <PageHead title="Fetched file">
        <Badge tone={evidenceStateWords[state].tone}>{evidenceStateWords[state].label}</Badge>
        <span className="grow" />
        {source !== undefined && <EvidenceButtons evidence={evidence} source={source} />}
      </PageHead>
      {source === undefined ? null : (
        <h2>
          <ShownText text={source.path ?? 'Not reported yet'} />
        </h2>
      )}
      {evidence.deletion !== null && <Deletion deletion={evidence.deletion} />}
      {state === 'damaged' && (
        <p className="banner bad">
          Storage no longer holds these bytes as they were. They are not given out; fetch the file again to store it
          anew.
        </p>
      )}
      <div className="columns">
        <section className="card">
          <h2>Facts</h2>
          <EvidenceFacts evidence={evidence} source={source} />
        </section>
        <section className="card">
          <h2>Where it is from</h2>
          <Sources chosen={source} evidence={evidence} />
          <Holds evidence={evidence} />
        </section>
      </div>
      {source !== undefined && <CustodyChain evidence={evidence} source={source} />}
      {source !== undefined && state === 'kept' && (
        <Preview key={`${source.taskId} ${source.ordinal}`} size={evidence.size} source={source} />
      )}
    </>
  );
}

function Deletion({ deletion }: { readonly deletion: NonNullable<Evidence['deletion']> }) {
  return (
    <p className="banner told">
      The bytes were deleted {deletion.rule === 'person' ? 'by ' : 'because of their age, by '}
      <ShownText text={deletion.by.name} /> at <Moment at={deletion.at} />
      {deletion.reason !== '' && (
        <>
          , for the reason “
          <ShownText text={deletion.reason} />”
        </>
      )}
      . What is known of them stays.
    </p>
  );
}

interface FactsProps {
  readonly evidence: Evidence;
  readonly source: EvidenceSource | undefined;
}

function EvidenceFacts({ evidence, source }: FactsProps) {
  return (
    <Facts
      facts={[
        ['SHA-256', <code key="hash">{evidence.sha256}</code>],
        ['Size', bytesText(evidence.size)],
        [
          'Endpoint',
          source === undefined ? null : (
            <Link key="endpoint" params={{ endpointId: source.endpointId }} to="/endpoints/$endpointId">
              <ShownText text={source.hostName ?? source.endpointId} />
            </Link>
          ),
        ],
        [
          'Fetched by',
          source === undefined ? null : (
            <Link key="action" params={{ actionId: source.actionId }} to="/actions/$actionId">
              Action {source.actionId}
            </Link>
          ),
        ],
        ['Stored at', <Moment at={evidence.storedAt} key="stored" />],
        ['Fetched last', <Moment at={evidence.wantedAt} key="wanted" />],
        ['Found damaged', evidence.damagedAt === null ? null : <Moment at={evidence.damagedAt} key="damaged" />],
        [
          'In vaults',
          <Link key="vault" params={{ sha256: evidence.sha256 }} to="/quarantine/$sha256">
            Quarantined copies
          </Link>,
        ],
      ]}
    />
  );
}

interface SourcesProps {
  readonly evidence: Evidence;
  readonly chosen: EvidenceSource | undefined;
}

/** The same bytes may be from many places: each has a custody of its own. */
function Sources({ evidence: { sources, sourcesCount }, chosen }: SourcesProps) {
  return (
    <>
      <ol aria-label="Places" className="sources">
        {sources.map((source) => (
          <li key={`${source.taskId} ${source.ordinal}`}>
            <Link
              aria-current={source === chosen ? 'true' : undefined}
              from="/evidence/$sha256"
              resetScroll={false}
              search={{ task: source.taskId, file: source.ordinal }}
              to="."
            >
              <ShownText text={`${source.hostName ?? source.endpointId}: ${source.path ?? 'not reported yet'}`} />
            </Link>{' '}
            <span className="mute">
              <Moment at={source.at} />
            </span>
          </li>
        ))}
      </ol>
      {sourcesCount > sources.length && (
        <p className="mute">
          and {counted(sourcesCount - sources.length, 'earlier fetch', 'earlier fetches')}, found by their actions.
        </p>
      )}
    </>
  );
}
