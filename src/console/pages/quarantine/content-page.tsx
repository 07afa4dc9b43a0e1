import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { client } from '../../app/client.ts';
import { useMay } from '../../app/may.ts';
import { usePagesOfRows } from '../../app/pages-of-rows.ts';
import { previewQuery } from '../../app/queries.ts';
import { Badge } from '../../kit/badge.tsx';
import { Button } from '../../kit/button.tsx';
import { DataTable } from '../../kit/data-table.tsx';
import { Facts } from '../../kit/facts.tsx';
import { Moment } from '../../kit/moment.tsx';
import { PageHead } from '../../kit/page-head.tsx';
import { Answered, Empty } from '../../kit/page-states.tsx';
import { bytesText, counted } from '../../words/amounts.ts';
import { standingWords } from '../../words/hash-lists.ts';
import type { QuarantinedHash } from '../../words/quarantine.ts';
import { CopyCard } from './copy-card.tsx';
import { PlanDialog } from './plan-dialog.tsx';
import { PurgeAllDialog } from './purge-dialog.tsx';
import { copyColumns } from './quarantine-columns.tsx';
import '../../style/quarantine.css';

const route = getRouteApi('/shell/quarantine/$sha256');

/** One content: every copy of it that a vault holds or held, and what can be done about one or all of them. */
export function ContentPage(): ReactNode {
  const { sha256 } = route.useParams();
  const { copy } = route.useSearch();
  const query = useQuery({
    queryKey: ['quarantine', 'content', sha256],
    queryFn: async () => (await client.listQuarantinedHashes({ sha256: [sha256] })).items[0] ?? null,
  });
  return (
    <>
      <nav aria-label="Where this page is" className="crumbs">
        <Link to="/quarantine">Quarantine</Link>
      </nav>
      <Answered query={query} what="the quarantined file">
        {(content) =>
          content === null ? (
            <>
              <PageHead title="Quarantined file" />
              <Empty title="No vault holds, or held, a file with this SHA-256.">
                <code>{sha256}</code>
              </Empty>
            </>
          ) : (
            <>
              <PageHead title="Quarantined file">
                <Badge tone={content.held > 0 ? 'good' : 'mute'}>
                  {content.held > 0 ? `${counted(content.held, 'copy', 'copies')} in vaults` : 'In no vault any more'}
                </Badge>
                <span className="grow" />
                {content.held > 0 && <ContentButtons held={content.held} sha256={sha256} />}
              </PageHead>
              <div className="columns">
                <section className="card">
                  <h2>Facts</h2>
                  <ContentFacts content={content} />
                </section>
                <Elsewhere sha256={sha256} />
              </div>
              {copy !== undefined && <CopyCard vaultObject={copy} />}
              <Copies chosen={copy} sha256={sha256} />
            </>
          )
        }
      </Answered>
    </>
  );
}

function ContentButtons({ sha256, held }: { readonly sha256: string; readonly held: number }) {
  const [question, setQuestion] = useState<'restore' | 'purge'>();
  const mayRestore = useMay('files.restore');
  const mayPurge = useMay('files.purge');
  const close = () => setQuestion(undefined);
  const what = counted(held, 'copy', 'copies');
  return (
    <>
      <Button
        look="main"
        onPress={() => setQuestion('restore')}
        refusal={mayRestore ? undefined : 'Your role may not restore.'}
      >
        Restore {what} …
      </Button>
      <Button
        onPress={() => setQuestion('purge')}
        refusal={mayPurge ? undefined : 'Your role may not delete what vaults hold.'}
      >
        Delete {what} …
      </Button>
      <PlanDialog isOpen={question === 'restore'} onClose={close} sha256={sha256} what={what} />
      <PurgeAllDialog isOpen={question === 'purge'} onClose={close} sha256={sha256} />
    </>
  );
}

function ContentFacts({ content }: { readonly content: QuarantinedHash }) {
  return (
    <Facts
      facts={[
        ['SHA-256', <code key="hash">{content.sha256}</code>],
        ['Size', bytesText(content.size)],
        ['Endpoints', counted(content.endpointsCount, 'endpoint')],
        ['Paths', counted(content.pathsCount, 'path')],
        ['In vaults', content.held],
        ['Damaged there', content.damaged === 0 ? null : content.damaged],
        ['Restored', content.restored],
        ['Deleted', content.purged],
        ['Lost', content.lost === 0 ? null : content.lost],
        ['First quarantined', <Moment at={content.firstQuarantinedAt} key="first" />],
        ['Last quarantined', <Moment at={content.lastQuarantinedAt} key="last" />],
      ]}
    />
  );
}

/** Whether more of it is out there. */
function Elsewhere({ sha256 }: { readonly sha256: string }) {
  const mayTake = useMay('files.quarantine');
  const query = useQuery(previewQuery(sha256));
  return (
    <section className="card">
      <h2>Outside the vaults</h2>
      <Answered query={query} what="where else it is">
        {({ seen, fleet, listed, underWay }) => (
          <>
            <p>
              {seen.files === 0
                ? 'No endpoint reports a copy on its disks.'
                : `${counted(seen.files, 'copy', 'copies')} on the disks of ${counted(seen.endpoints, 'endpoint')}, ${fleet.percent} % of the fleet.`}
            </p>
            {underWay > 0 && <p>It is being quarantined on {counted(underWay, 'endpoint')}.</p>}
            <p>{standingWords(listed)}</p>
            {seen.files > 0 && mayTake && (
              <Link search={{ sha256 }} to="/quarantine/new">
                Look at what a quarantine of these would touch
              </Link>
            )}
          </>
        )}
      </Answered>
    </section>
  );
}

function Copies({ sha256, chosen }: { readonly sha256: string; readonly chosen: string | undefined }) {
  const navigate = useNavigate();
  const { beginning, rows, onView } = usePagesOfRows({
    queryKey: ['quarantine', 'files', sha256],
    read: (page, ask) => ask.listQuarantine({ sha256: [sha256], ...page }),
    rowId: ({ vaultObject }) => vaultObject,
  });
  return (
    <section aria-label="Copies" className="copies">
      <h2>Copies</h2>
      <p className="mute">Choose one to see what can be done about it alone.</p>
      <Answered query={beginning} what="the copies">
        {() => (
          <DataTable
            chosen={new Set(chosen === undefined ? [] : [chosen])}
            columns={copyColumns}
            label="Copies in vaults"
            onOpen={({ vaultObject: copy }) =>
              void navigate({ to: '/quarantine/$sha256', params: { sha256 }, search: { copy }, resetScroll: false })
            }
            onView={onView}
            rowId={({ vaultObject }) => vaultObject}
            rows={rows}
          />
        )}
      </Answered>
    </section>
  );
}
