import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { client } from '../../app/client.ts';
import { useMay } from '../../app/may.ts';
import { type AsRead, useAsRead } from '../../kit/as-read.ts';
import { Button } from '../../kit/button.tsx';
import { TextField } from '../../kit/fields.tsx';
import { tell } from '../../kit/notices.tsx';
import { ReasonDialog } from '../../kit/reason-dialog.tsx';
import { safeText } from '../../kit/safe-text.ts';
import { counted } from '../../words/amounts.ts';
import { type Approval, type Standing, widthOf } from '../../words/approvals.ts';
import { verbWords } from '../../words/statuses.ts';

type Question = 'approve' | 'confirm' | 'bypass' | 'refuse';

interface DecideProps {
  readonly approval: Approval;
  readonly standing: Standing;
  /** It would go out ring by ring. */
  readonly hasRings: boolean;
  /** Some endpoints had the order before: what failed there is to be tried again. */
  readonly isRetry: boolean;
}

const markOf = ({ approval, standing, hasRings, isRetry }: DecideProps) =>
  `${approval.digest} ${standing} ${hasRings} ${isRetry}`;

/** What whoever looks may do about it, and why not more. */
export function Decide(now: DecideProps) {
  const [question, setQuestion] = useState<Question>();
  const mayBypass = useMay('actions.bypass');
  const about = useAsRead({ isOpen: question !== undefined, subject: now, markOf });
  // Whoever is deciding goes on reading what they began with: somebody else may have decided meanwhile.
  const { approval, standing, hasRings, isRetry } = question === undefined ? now : (about.asked ?? now);
  if (standing === 'over') {
    return null;
  }
  const asked = { about, approval, question, hasRings, isRetry, close: () => setQuestion(undefined) };
  return (
    <section aria-label="Your decision" className="card decide">
      <h2>Your decision</h2>
      <p>{standingText(standing, approval)}</p>
      {standing === 'own' && !mayBypass && (
        <p className="mute">If it cannot wait, an Instance Administrator may let it out alone.</p>
      )}
      {standing !== 'no_right' && (
        <div className="buttons start">
          {standing === 'decide' && (
            <Button look="main" onPress={() => setQuestion('approve')}>
              Approve
            </Button>
          )}
          {standing === 'confirm' && (
            <Button look="main" onPress={() => setQuestion('confirm')}>
              Confirm by typing the numbers
            </Button>
          )}
          <Button onPress={() => setQuestion('refuse')}>Refuse</Button>
          {standing === 'own' && mayBypass && (
            <Button look="danger" onPress={() => setQuestion('bypass')}>
              Break the glass
            </Button>
          )}
        </div>
      )}
      <ApproveDialog {...asked} />
      <ConfirmDialog {...asked} />
      <BypassDialog {...asked} />
      <RefuseDialog {...asked} />
    </section>
  );
}

function standingText(standing: Exclude<Standing, 'over'>, { requestedBy }: Approval): ReactNode {
  const withKey = requestedBy.kind === 'key' ? `, with the key “${safeText(requestedBy.name)}”,` : '';
  const words: Readonly<Record<typeof standing, string>> = {
    decide:
      'You are a second person for this order: it was not by your word. Look at what it would touch, then decide.',
    confirm: `It was ordered by your word${withKey} and nobody else here may approve. In place of a second person you type how many endpoints and files it concerns.`,
    own: `It was ordered by your word${withKey} so you cannot approve it: a second person has to. You may refuse it.`,
    no_right:
      'Your role decides nothing here. Instance Administrators and Privileged Responders may approve and refuse.',
  };
  return words[standing];
}

interface Asked {
  readonly about: AsRead<DecideProps>;
  readonly approval: Approval;
  readonly question: Question | undefined;
  readonly hasRings: boolean;
  readonly isRetry: boolean;
  close(): void;
}

function useChanged(): () => Promise<unknown> {
  const queries = useQueryClient();
  return () =>
    Promise.all(['approvals', 'actions', 'server'].map((root) => queries.invalidateQueries({ queryKey: [root] })));
}

function orderText({ verb }: Approval): string {
  return verbWords[verb].toLowerCase();
}

/** What happens when it is let out. */
function Effect({ approval, hasRings, isRetry }: Pick<Asked, 'approval' | 'hasRings' | 'isRetry'>) {
  const { verb, endpointsCount, digest } = approval;
  return (
    <>
      <p>
        {isRetry ? 'The order goes out once more, where it failed' : 'The order goes out'}: {orderText(approval)},{' '}
        {widthOf(approval)}. {verb === 'purge' && <strong>What is deleted from vaults is gone for good. </strong>}
        {verb === 'quarantine' && 'What is taken can be brought back with one undo. '}
        {hasRings &&
          `It reaches one endpoint first, then more, ring by ring, and halts by itself where endpoints fail or fall silent; it does not reach all ${counted(endpointsCount, 'endpoint')} at once.`}
      </p>
      <p className="mute">
        Bound to the digest <code className="digest">{digest}</code>: were the order another one by now, nothing would
        go out.
      </p>
    </>
  );
}

function ApproveDialog({ about, approval, question, hasRings, isRetry, close }: Asked) {
  const changed = useChanged();
  return (
    <ReasonDialog
      about={about}
      act={async (reason) => {
        await client.approveAction(approval.actionId, { digest: approval.digest, reason });
        await changed();
        tell(`Approved. Action ${approval.actionId} goes out.`);
      }}
      isDanger
      isOpen={question === 'approve'}
      onClose={close}
      title={`Approve: ${orderText(approval)}, ${widthOf(approval)}?`}
      word="Approve it"
    >
      <Effect approval={approval} hasRings={hasRings} isRetry={isRetry} />
    </ReasonDialog>
  );
}

function ConfirmDialog({ about, approval, question, hasRings, isRetry, close }: Asked) {
  const changed = useChanged();
  const [endpoints, setEndpoints] = useState('');
  const [files, setFiles] = useState('');
  const { actionId, digest, endpointsCount, filesCount } = approval;
  return (
    <ReasonDialog
      about={about}
      act={async (reason) => {
        if (Number(endpoints) !== endpointsCount || Number(files) !== filesCount) {
          throw new Error('These are not the numbers of this order. Look at what it would touch again.');
        }
        const confirmation = { endpoints: endpointsCount, files: filesCount };
        await client.approveAction(actionId, { digest, reason, confirmation });
        await changed();
        tell(`Confirmed. Action ${actionId} goes out.`);
      }}
      isDanger
      isOpen={question === 'confirm'}
      onClose={() => {
        setEndpoints('');
        setFiles('');
        close();
      }}
      title={`Let it out without a second person: ${orderText(approval)}?`}
      word="Confirm it"
    >
      <Effect approval={approval} hasRings={hasRings} isRetry={isRetry} />
      <TextField
        inputMode="numeric"
        isRequired
        label="How many endpoints does it concern?"
        onChange={setEndpoints}
        value={endpoints}
      />
      <TextField inputMode="numeric" isRequired label="How many files?" onChange={setFiles} value={files} />
    </ReasonDialog>
  );
}

function BypassDialog({ about, approval, question, hasRings, isRetry, close }: Asked) {
  const changed = useChanged();
  const { actionId, digest } = approval;
  return (
    <ReasonDialog
      about={about}
      act={async (reason) => {
        await client.approveAction(actionId, { digest, reason, breakGlass: true });
        await changed();
        tell(`Let out by you alone. Action ${actionId} goes out, and everybody is told.`, 'bad');
      }}
      isDanger
      isOpen={question === 'bypass'}
      needsReason
      onClose={close}
      title={`Break the glass: ${orderText(approval)}, ${widthOf(approval)}?`}
      word="Let it out alone"
    >
      <Effect approval={approval} hasRings={hasRings} isRetry={isRetry} />
      <p>
        No second person looks at it. Everybody is told of it for a day, with your name and reason: on this page and by{' '}
        <code>custody status</code>; the server’s log warns, its metrics count it, and the event{' '}
        <code>approval_bypassed</code> goes to every webhook and stream that takes it.
      </p>
    </ReasonDialog>
  );
}

function RefuseDialog({ about, approval, question, isRetry, close }: Asked) {
  const changed = useChanged();
  const { actionId, requestedBy } = approval;
  return (
    <ReasonDialog
      about={about}
      act={async (reason) => {
        await client.refuseApproval(actionId, { reason });
        await changed();
        tell(
          isRetry
            ? `Refused. No endpoint was told of the retry of action ${actionId}; what earlier attempts did stays done.`
            : `Refused. No endpoint was told of action ${actionId}.`,
        );
      }}
      isOpen={question === 'refuse'}
      needsReason
      onClose={close}
      title={`Refuse: ${orderText(approval)}, ${widthOf(approval)}?`}
      word="Refuse it"
    >
      <p>
        {isRetry
          ? 'The retry ends here: no endpoint was told of it, and none will be. What earlier attempts did stays done.'
          : 'It ends here: no endpoint was told of it, and none will be.'}{' '}
        {safeText(requestedBy.name)} reads your reason. It can be ordered anew.
      </p>
    </ReasonDialog>
  );
}
