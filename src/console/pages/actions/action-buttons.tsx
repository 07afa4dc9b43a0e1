import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { client } from '../../app/client.ts';
import { useMay } from '../../app/may.ts';
import { Button } from '../../kit/button.tsx';
import { tell } from '../../kit/notices.tsx';
import { ReasonDialog } from '../../kit/reason-dialog.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { counted } from '../../words/amounts.ts';
import { type ActionDetails, type ActionTask, hasBegun } from '../../words/outcomes.ts';
import { isOpen, verbPermissions } from '../../words/statuses.ts';
import { RunAgain } from './run-again.tsx';
import { StopDialog } from './stop-dialog.tsx';

type Question = 'cancel' | 'retry' | 'undo' | 'resume';

/** What can still be done about an action. */
export function ActionButtons({ action }: { readonly action: ActionDetails }) {
  const [question, setQuestion] = useState<Question>();
  const mayCancel = useMay('actions.cancel');
  const mayRestore = useMay('files.restore');
  const mayOrder = useMay(verbPermissions[action.verb]);
  const changed = useChanged();
  const mayApprove = useMay('actions.approve');
  const isRunning = isOpen(action.status);
  const hasFailed = action.tasks.some(hasFailedThere);
  const close = () => setQuestion(undefined);
  const dialogs = { action, close, question };
  return (
    <>
      {action.rollout?.state === 'halted' && (
        <Button
          onPress={() => setQuestion('resume')}
          refusal={mayApprove ? undefined : 'Your role may not let orders go on.'}
        >
          Let it go on
        </Button>
      )}
      {isRunning && (
        <Button onPress={() => setQuestion('cancel')} refusal={mayCancel ? undefined : 'Your role may not cancel.'}>
          {action.tasks.some(hasBegun) ? 'Abort' : 'Cancel'}
        </Button>
      )}
      {hasFailed && (
        <Button onPress={() => setQuestion('retry')} refusal={mayOrder ? undefined : 'Your role may not order this.'}>
          Retry what failed
        </Button>
      )}
      {action.status !== 'held' && <RunAgain action={action} />}
      {action.verb === 'quarantine' && (
        <Button onPress={() => setQuestion('undo')} refusal={mayRestore ? undefined : 'Your role may not restore.'}>
          Undo
        </Button>
      )}
      <StopDialog action={action} changed={changed} isOpen={question === 'cancel'} onClose={close} />
      <RetryDialog {...dialogs} />
      <UndoDialog {...dialogs} />
      <ResumeDialog {...dialogs} />
    </>
  );
}

function hasFailedThere({ status }: ActionTask): boolean {
  return status !== 'completed_successfully' && !isOpen(status);
}

interface Asked {
  readonly action: ActionDetails;
  readonly question: Question | undefined;
  close(): void;
}

function useChanged(): () => Promise<void> {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: ['actions'] });
}

function RetryDialog({ action, question, close }: Asked) {
  const changed = useChanged();
  const failed = action.tasks.filter(hasFailedThere).length;
  return (
    <ReasonDialog
      act={async (reason) => {
        const { endpoints, files } = await client.retryAction(action.id, reason === '' ? {} : { reason });
        await changed();
        tell(`${counted(files, 'file')} on ${counted(endpoints, 'endpoint')}: tried again, in the same action.`);
      }}
      isOpen={question === 'retry'}
      onClose={close}
      title={`Try again what failed on ${counted(failed, 'endpoint')}?`}
      word="Try again"
    >
      <p>
        Within this action, on endpoints where it did not work. What was done stays done, and every earlier attempt
        stays on the record.
      </p>
    </ReasonDialog>
  );
}

function UndoDialog({ action, question, close }: Asked) {
  const changed = useChanged();
  const navigate = useNavigate();
  const done = action.tasks.flatMap(({ files }) => files.filter(({ outcome }) => outcome === 'done')).length;
  return (
    <ReasonDialog
      act={async (reason) => {
        const { undo, withdrawn } = await client.undoAction(action.id, reason === '' ? {} : { reason });
        await changed();
        tell(
          undo === null
            ? `Nothing had been taken; ${counted(withdrawn, 'order')} withdrawn.`
            : 'The undo is under way.',
        );
        if (undo !== null) {
          await navigate({ to: '/actions/$actionId', params: { actionId: undo.id } });
        }
      }}
      isOpen={question === 'undo'}
      onClose={close}
      title={`Bring ${counted(done, 'file')} back to where they were?`}
      word="Undo the quarantine"
    >
      <p>
        Every file that this quarantine took returns to its place on each of{' '}
        {counted(action.endpointsCount, 'endpoint')}; on those that are away when they return. What waits is withdrawn.
      </p>
    </ReasonDialog>
  );
}

function ResumeDialog({ action, question, close }: Asked) {
  const changed = useChanged();
  return (
    <ReasonDialog
      act={async (reason) => {
        const { released } = await client.resumeAction(action.id, { reason });
        await changed();
        tell(`It goes out to ${counted(released, 'endpoint')} now.`);
      }}
      isDanger
      isOpen={question === 'resume'}
      needsReason
      onClose={close}
      title="Let the order go on?"
      word="Let it go on"
    >
      <p>
        <ShownText text={action.rollout?.halt?.message ?? ''} />
      </p>
      <p>
        {counted(action.rollout?.heldBack ?? 0, 'endpoint')} wait. The next ring goes out, and is judged like the last
        one.
      </p>
    </ReasonDialog>
  );
}
