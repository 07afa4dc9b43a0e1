import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { client } from '../../app/client.ts';
import { useMay } from '../../app/may.ts';
import { useOrdered } from '../../app/ordered.ts';
import { Badge } from '../../kit/badge.tsx';
import { Button } from '../../kit/button.tsx';
import { Facts } from '../../kit/facts.tsx';
import { Moment } from '../../kit/moment.tsx';
import { Answered, Empty } from '../../kit/page-states.tsx';
import { ReasonDialog } from '../../kit/reason-dialog.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { bytesText } from '../../words/amounts.ts';
import { type QuarantineRecord, standingOf } from '../../words/quarantine.ts';
import { PlanDialog } from './plan-dialog.tsx';
import { PurgeCopyDialog } from './purge-dialog.tsx';

/** One copy in one vault. */
export function CopyCard({ vaultObject }: { readonly vaultObject: string }) {
  const query = useQuery({
    queryKey: ['quarantine', 'copy', vaultObject],
    queryFn: async () => (await client.listQuarantine({ vaultObject: [vaultObject] })).items[0] ?? null,
  });
  return (
    <section aria-label="Chosen copy" className="card chosen-copy">
      <Answered query={query} what="this copy">
        {(copy) =>
          copy === null ? (
            <Empty title="No vault has held this copy." />
          ) : (
            <ChosenCopy copy={copy} key={copy.vaultObject} />
          )
        }
      </Answered>
    </section>
  );
}

function ChosenCopy({ copy }: { readonly copy: QuarantineRecord }) {
  const { endpointId, actionId, restoredBy, restoredAt, damagedAt } = copy;
  const standing = standingOf(copy);
  return (
    <>
      <header>
        <h2>
          <ShownText text={copy.path} />
        </h2>
        <Badge tone={standing.tone}>{standing.label}</Badge>
        <span className="grow" />
        {copy.state === 'held' && <CopyButtons copy={copy} />}
      </header>
      <Facts
        facts={[
          [
            'Endpoint',
            <Link key="endpoint" params={{ endpointId }} to="/endpoints/$endpointId">
              <ShownText text={copy.hostName ?? endpointId} />
            </Link>,
          ],
          ['Size', bytesText(copy.size)],
          ['Quarantined', <Moment at={copy.quarantinedAt} key="at" />],
          [
            'By the action',
            actionId === null ? 'Only the endpoint knows.' : <ActionLink actionId={actionId} key="by" />,
          ],
          ['Left the vault', restoredAt === null ? null : <Moment at={restoredAt} key="left" />],
          ['By the action ', restoredBy === null ? null : <ActionLink actionId={restoredBy} key="leftBy" />],
          ['Found damaged', damagedAt === null ? null : <Moment at={damagedAt} key="damaged" />],
          [
            'The file',
            <Link key="file" params={{ guid: copy.guid }} to="/files/$guid">
              Element details
            </Link>,
          ],
          ['Vault object', <code key="object">{copy.vaultObject}</code>],
        ]}
      />
    </>
  );
}

function ActionLink({ actionId }: { readonly actionId: string }) {
  return (
    <Link params={{ actionId }} to="/actions/$actionId">
      Action {actionId}
    </Link>
  );
}

function CopyButtons({ copy }: { readonly copy: QuarantineRecord }) {
  const [question, setQuestion] = useState<'restore' | 'purge' | 'fetch'>();
  const mayRestore = useMay('files.restore');
  const mayPurge = useMay('files.purge');
  const mayFetch = useMay('files.fetch');
  const close = () => setQuestion(undefined);
  return (
    <>
      <Button onPress={() => setQuestion('restore')} refusal={mayRestore ? undefined : 'Your role may not restore.'}>
        Restore this copy …
      </Button>
      <Button onPress={() => setQuestion('fetch')} refusal={mayFetch ? undefined : 'Your role may not fetch files.'}>
        Fetch its bytes …
      </Button>
      <Button
        onPress={() => setQuestion('purge')}
        refusal={mayPurge ? undefined : 'Your role may not delete what vaults hold.'}
      >
        Delete this copy …
      </Button>
      <PlanDialog copy={copy} isOpen={question === 'restore'} onClose={close} sha256={copy.sha256} what="this copy" />
      <PurgeCopyDialog copy={copy} isOpen={question === 'purge'} onClose={close} />
      <FetchDialog copy={copy} isOpen={question === 'fetch'} onClose={close} />
    </>
  );
}

interface FetchDialogProps {
  readonly copy: QuarantineRecord;
  readonly isOpen: boolean;
  onClose(): void;
}

function FetchDialog({ copy, isOpen, onClose }: FetchDialogProps) {
  const ordered = useOrdered();
  return (
    <ReasonDialog
      act={async (reason) => {
        const { action } = await client.startFetch({
          guids: [copy.quarantineGuid],
          ...(reason !== '' && { reason }),
        });
        await ordered(action, `Action ${action.id}: the bytes are on their way.`);
      }}
      isOpen={isOpen}
      onClose={onClose}
      title="Fetch the bytes of this copy?"
      word="Fetch them"
    >
      <p>
        <ShownText text={copy.path} /> on <ShownText text={copy.hostName ?? copy.endpointId} />
      </p>
      <p>They are copied out of the vault to the server, as evidence. The copy stays in the vault.</p>
    </ReasonDialog>
  );
}
