import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { client } from '../../app/client.ts';
import { useMay } from '../../app/may.ts';
import { Button } from '../../kit/button.tsx';
import { tell } from '../../kit/notices.tsx';
import { ReasonDialog } from '../../kit/reason-dialog.tsx';
import { counted } from '../../words/amounts.ts';
import type { ActionDetails } from '../../words/outcomes.ts';
import { isOpen, verbWords } from '../../words/statuses.ts';

type Question = 'cancel' | 'retry' | 'undo' | 'resume';

/** What can still be done about an action. */
export function ActionButtons({ action }: { readonly action: ActionDetails }) {
  const [question, setQuestion] = useState<Question>();
  const mayCancel = useMay('actions.cancel');
  const mayRestore = useMay('files.restore');
  const mayApprove = useMay('actions.approve');
  const isRunning = isOpen(action.status);
  const hasFailed = action.tasks.some(({ status }) => status !== 'completed_successfully' && !isOpen(status));
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
          Cancel
        </Button>
      )}
      {hasFailed && <Button onPress={() => setQuestion('retry')}>Retry what failed</Button>}
      {action.verb === 'quarantine' && (
        <Button onPress={() => setQuestion('undo')} refusal={mayRestore ? undefined : 'Your role may not restore.'}>
          Undo
        </Button>
      )}
      <CancelDialog {...dialogs} />
      <RetryDialog {...dialogs} />
      <UndoDialog {...dialogs} />
      <ResumeDialog {...dialogs} />
    </>
  );
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

function CancelDialog({ action, question, close }: Asked) {
  const changed = useChanged();
  const open = action.tasks.filter(({ status }) => isOpen(status)).length;
  return (
    <ReasonDialog
      act={async () => {
        await client.cancelAction(action.id);
        await changed();
        tell(`Endpoints were asked to stop. What each says stands beside it.`);
      }}
      isDanger
      isOpen={question === 'cancel'}
      onClose={close}
      title={`Cancel “${verbWords[action.verb]}” on ${counted(open, 'endpoint')}?`}
      word="Cancel it"
    >
      <p>
        Endpoints that have not begun do nothing. Those that have say what they had done, and what was done stays done:
        it can be undone afterwards.
      </p>
    </ReasonDialog>
  );
}

function RetryDialog({ action, question, close }: Asked) {
  const changed = useChanged();
  return (
    <ReasonDialog
      act={async (reason) => {
        const { endpoints, files } = await client.retryAction(action.id, reason === '' ? {} : { reason });
        await changed();
        tell(`${counted(files, 'file')} on ${counted(endpoints, 'endpoint')} tried again.`);
      }}
      isOpen={question === 'retry'}
      onClose={close}
      title="Try again what failed?"
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
      <p>{action.rollout?.halt?.message}</p>
      <p>
        {counted(action.rollout?.heldBack ?? 0, 'endpoint')} wait. The next ring goes out, and is judged like the last
        one.
      </p>
    </ReasonDialog>
  );
}
