import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { client } from '../../app/client.ts';
import { useMay } from '../../app/may.ts';
import { Button } from '../../kit/button.tsx';
import { TextField } from '../../kit/fields.tsx';
import { Moment } from '../../kit/moment.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import type { WholeIncident } from '../../words/incidents.ts';

/** What the team says of the incident, oldest first. */
export function Comments({ incident }: { readonly incident: WholeIncident }) {
  const mayManage = useMay('incidents.manage');
  return (
    <section aria-label="Comments" className="card comments">
      {incident.comments.length === 0 && <p className="mute">Nobody has said anything yet.</p>}
      <ol className="plain-list">
        {incident.comments.map(({ id, at, author, text }) => (
          <li key={id}>
            <p className="mute">
              <strong>
                <ShownText text={author.name} />
              </strong>{' '}
              <Moment at={at} />
            </p>
            {text.split('\n').map((line, index) => (
              <p key={index}>
                <ShownText text={line} />
              </p>
            ))}
          </li>
        ))}
      </ol>
      {mayManage ? (
        <NewComment incidentId={incident.id} />
      ) : (
        <p className="mute">Your role may read comments, and not write them.</p>
      )}
    </section>
  );
}

function NewComment({ incidentId }: { readonly incidentId: string }) {
  const queries = useQueryClient();
  const [text, setText] = useState('');
  const [refusal, setRefusal] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const send = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setRefusal(undefined);
    try {
      await client.commentOnIncident(incidentId, { text: text.trim() });
      setText('');
      await queries.invalidateQueries({ queryKey: ['incidents', incidentId] });
    } catch (failure) {
      setRefusal(failure instanceof Error ? failure.message : String(failure));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form onSubmit={(event) => void send(event)}>
      <TextField isLong label="Comment" onChange={setText} value={text} />
      {refusal !== undefined && (
        <p className="field-error" role="alert">
          {refusal}
        </p>
      )}
      <div className="buttons">
        <Button isDisabled={text.trim() === ''} isPending={isBusy} look="main" type="submit">
          Add the comment
        </Button>
      </div>
    </form>
  );
}
