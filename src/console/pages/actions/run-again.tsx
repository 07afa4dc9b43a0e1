import { useState } from 'react';
import { useMay } from '../../app/may.ts';
import { useOrdered } from '../../app/ordered.ts';
import { useAsRead } from '../../kit/as-read.ts';
import { Button } from '../../kit/button.tsx';
import { ReasonDialog } from '../../kit/reason-dialog.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import type { ActionDetails } from '../../words/outcomes.ts';
import { verbPermissions, verbWords } from '../../words/statuses.ts';
import { type NewOrder, orderAnew } from './order-anew.ts';

const markOf = ({ sentences }: NewOrder) => sentences.join(' ');

/** The same order once more, as an action of its own. */
export function RunAgain({ action }: { readonly action: ActionDetails }) {
  const [isAsking, setAsking] = useState(false);
  const may = useMay(verbPermissions[action.verb]);
  const ordered = useOrdered();
  const now = orderAnew(action);
  const about = useAsRead({ isOpen: isAsking, subject: typeof now === 'string' ? undefined : now, markOf });
  if (typeof now === 'string' && !isAsking) {
    return <Button refusal={now}>Run again</Button>;
  }
  const { asked: order } = about;
  return (
    <>
      <Button onPress={() => setAsking(true)} refusal={may ? undefined : 'Your role may not order this.'}>
        Run again
      </Button>
      {order !== undefined && (
        <ReasonDialog
          about={about}
          act={async (reason) => {
            const { incidentId } = action;
            const given = { ...(reason !== '' && { reason }), ...(incidentId !== null && { incidentId }) };
            const started = await order.give(given);
            await ordered(started, `Action ${started.id} was ordered.`);
          }}
          isDanger={order.isDanger}
          isOpen={isAsking}
          onClose={() => setAsking(false)}
          title={`Order “${verbWords[action.verb]}” once more?`}
          word="Order it"
        >
          {order.sentences.map((sentence) => (
            <p key={sentence}>
              <ShownText text={sentence} />
            </p>
          ))}
          {action.incidentId !== null && (
            <p className="mute">
              It belongs to the incident <ShownText text={action.incidentId} />, as this one does.
            </p>
          )}
        </ReasonDialog>
      )}
    </>
  );
}
