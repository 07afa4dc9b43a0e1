import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { client } from '../../app/client.ts';
import { useMay } from '../../app/may.ts';
import { Button } from '../../kit/button.tsx';
import { Ago, Moment } from '../../kit/moment.tsx';
import { tell } from '../../kit/notices.tsx';
import { ReasonDialog } from '../../kit/reason-dialog.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { counted } from '../../words/amounts.ts';
import { hostOf } from '../../words/outcome-rows.ts';
import type { ActionDetails, ActionTask } from '../../words/outcomes.ts';
import { verbPermissions, verbWords } from '../../words/statuses.ts';

/** More than anybody reads; the table below has them all. */
const mostShown = 100;

interface UnconfirmedProps {
  readonly action: ActionDetails;
}

/** Orders of an action that are old, and do not go out before somebody wants them once more. */
export function Unconfirmed({ action }: UnconfirmedProps) {
  const [asked, setAsked] = useState<readonly string[]>();
  const may = useMay(verbPermissions[action.verb]);
  const waiting = action.tasks.filter(({ unconfirmed }) => unconfirmed !== null);
  const chosen = waiting.filter(({ endpointId }) => asked?.includes(endpointId));
  const refusal = may ? undefined : 'Your role may not order this.';
  // The dialog stays until it is closed, although nothing waits any more.
  return waiting.length === 0 && asked === undefined ? null : (
    <section aria-label="Waits to be confirmed" className="card unconfirmed">
      <h2>Waits to be confirmed</h2>
      <p>
        {counted(waiting.length, 'endpoint')} did not get this order for so long that it may be wrong by now. Nothing is
        done there until somebody confirms it. Unconfirmed it expires at its deadline; until then it can be cancelled.
      </p>
      <ul className="plain-list">
        {waiting.slice(0, mostShown).map((task) => (
          <li className="unconfirmed-line" key={task.id}>
            <Button
              aria-label={`Confirm it on ${hostOf(task)}`}
              onPress={() => setAsked([task.endpointId])}
              refusal={refusal}
            >
              Confirm
            </Button>
            <span>
              <ShownText text={hostOf(task)} /> <Standing task={task} />
            </span>
          </li>
        ))}
      </ul>
      <More count={waiting.length - mostShown} />
      {waiting.length > 1 && (
        <Button onPress={() => setAsked(waiting.map(({ endpointId }) => endpointId))} refusal={refusal}>
          Confirm all {waiting.length}
        </Button>
      )}
      <ConfirmDialog action={action} isOpen={asked !== undefined} onClose={() => setAsked(undefined)} tasks={chosen} />
    </section>
  );
}

/** Whether the machine is there for it. */
function Standing({ task: { unconfirmed, deadline } }: { readonly task: ActionTask }) {
  return unconfirmed === null ? null : (
    <span className="mute">
      from <Ago at={unconfirmed.wantedAt} />;{' '}
      {unconfirmed.keptBackAt === null ? (
        'the endpoint has not been back'
      ) : (
        <>
          the endpoint was back <Ago at={unconfirmed.keptBackAt} />, and did not get it
        </>
      )}
      ; expires <Ago at={deadline} />
    </span>
  );
}

function More({ count }: { readonly count: number }) {
  return count > 0 ? <p className="mute">And {counted(count, 'more endpoint')}.</p> : null;
}

interface ConfirmDialogProps {
  readonly action: ActionDetails;
  readonly tasks: readonly ActionTask[];
  readonly isOpen: boolean;
  onClose(): void;
}

/** Only what stands in the dialog is confirmed, whatever has come to wait meanwhile. */
function ConfirmDialog({ action, tasks, isOpen, onClose }: ConfirmDialogProps) {
  const queries = useQueryClient();
  const [first] = tasks;
  const where = tasks.length === 1 && first !== undefined ? hostOf(first) : counted(tasks.length, 'endpoint');
  return (
    <ReasonDialog
      act={async (reason) => {
        const endpointIds = tasks.map(({ endpointId }) => endpointId);
        const { endpoints } = await client.confirmAction(action.id, { endpointIds, ...(reason !== '' && { reason }) });
        await queries.invalidateQueries({ queryKey: ['actions'] });
        tell(`Confirmed for ${counted(endpoints, 'endpoint')}: the order goes out as soon as each is connected.`);
      }}
      isDanger
      isOpen={isOpen}
      onClose={onClose}
      title={`Still “${verbWords[action.verb]}” on ${where}?`}
      word="Confirm it"
    >
      <ul className="plain-list confirm-list">
        {tasks.slice(0, mostShown).map((task) => (
          <li key={task.id}>
            <ShownText text={hostOf(task)} />: <ShownText text={deedText(action, task)} />{' '}
            {task.unconfirmed !== null && (
              <span className="mute">
                Ordered, or confirmed last: <Moment at={task.unconfirmed.wantedAt} />
              </span>
            )}
          </li>
        ))}
      </ul>
      <More count={tasks.length - mostShown} />
      {action.verb === 'quarantine' && (
        <p>The agent looks again before it touches a file: what has other bytes by now is left alone.</p>
      )}
    </ReasonDialog>
  );
}

/** What the agent does once it has the order. */
function deedText({ verb }: ActionDetails, { paths, sha256, options }: ActionTask): string {
  const hash = sha256 === null ? '' : ` with the SHA-256 ${sha256}`;
  if (verb === 'purge') {
    const what = options.vaultObject === undefined ? `every copy${hash}` : `the copy ${options.vaultObject}${hash}`;
    return `${what} in its vault is deleted for good.`;
  }
  const what = paths.length === 0 ? `every file${hash}` : `${paths.join(', ')}${hash}`;
  const protectedToo = options.overrideProtection === true ? ', although it is protected' : '';
  return `${what} is taken into its vault${protectedToo}.`;
}
