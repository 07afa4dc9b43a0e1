import { useQueryClient } from '@tanstack/react-query';
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
import { CloseDialog } from './close-dialog.tsx';
import { RunAgain } from './run-again.tsx';
import { StopDialog } from './stop-dialog.tsx';
import { UndoButton } from './undo-button.tsx';

type Question = 'cancel' | 'retry' | 'resume' | 'close';

/** What can still be done about an action. */
export function ActionButtons({ action }: { readonly action: ActionDetails }) {
  const [question, setQuestion] = useState<Question>();
  const mayCancel = useMay('actions.cancel');
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
        <Button onPress={() => setQuestion('retry')} refusal={retryRefusal(action, mayOrder)}>
          Retry what failed
        </Button>
      )}
      {action.batchNumber !== null && action.closedAt === null && (
        <Button
          onPress={() => setQuestion('close')}
          refusal={mayCancel ? undefined : 'Your role may not close a fetch.'}
        >
          Close the fetch
        </Button>
      )}
      {action.status !== 'held' && <RunAgain action={action} />}
      {action.verb === 'quarantine' && action.status !== 'held' && <UndoButton action={action} />}
      <StopDialog action={action} changed={changed} isOpen={question === 'cancel'} onClose={close} />
      <CloseDialog action={action} changed={changed} isOpen={question === 'close'} onClose={close} />
      <RetryDialog {...dialogs} />
      <ResumeDialog {...dialogs} />
    </>
  );
}

function hasFailedThere({ status }: ActionTask): boolean {
  return status !== 'completed_successfully' && !isOpen(status);
}

function retryRefusal({ closedAt }: ActionDetails, mayOrder: boolean): string | undefined {
  if (closedAt !== null) {
    return 'The fetch is closed. Order what is missing anew.';
  }
  return mayOrder ? undefined : 'Your role may not order this.';
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
        const {
          action: retried,
          endpoints,
          files,
        } = await client.retryAction(action.id, reason === '' ? {} : { reason });
        await changed();
        const width = `${counted(files, 'file')} on ${counted(endpoints, 'endpoint')}`;
        tell(
          retried.approval?.state === 'waiting'
            ? `${width}: the retry waits for approval, and no endpoint is told of it until then.`
            : `${width}: tried again, in the same action.`,
        );
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
