import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { client } from '../../app/client.ts';
import { useMay } from '../../app/may.ts';
import { Button } from '../../kit/button.tsx';
import { HexView, TextView } from '../../kit/bytes-view.tsx';
import { Select, TextField } from '../../kit/fields.tsx';
import { bytesText } from '../../words/amounts.ts';
import type { EvidenceSource } from '../../words/evidence.ts';

const step = 4_096;

interface Shown {
  readonly offset: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

interface PreviewProps {
  readonly source: EvidenceSource;
  readonly size: number;
}

/** A few bytes at a time, as numbers or as text. They are never rendered, opened or run, and who looked goes on the record. */
export function Preview({ source: { actionId, taskId, ordinal }, size }: PreviewProps) {
  const mayLook = useMay('evidence.download');
  const queries = useQueryClient();
  const [shown, setShown] = useState<Shown>();
  const [look, setLook] = useState('hex');
  const [reason, setReason] = useState('');
  const [refusal, setRefusal] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const show = async (offset: number) => {
    setBusy(true);
    setRefusal(undefined);
    try {
      const view = await client.viewFile(
        { actionId, taskId, ordinal },
        { offset, length: step, ...(reason.trim() !== '' && { reason: reason.trim() }) },
      );
      setShown({ offset: view.offset, bytes: bytesOf(view.bytes) });
      await queries.invalidateQueries({ queryKey: ['events'] });
    } catch (failure) {
      setRefusal(failure instanceof Error ? failure.message : String(failure));
    } finally {
      setBusy(false);
    }
  };
  const begin = (event: FormEvent) => {
    event.preventDefault();
    void show(0);
  };
  return (
    <section aria-labelledby="preview" className="card preview">
      <h2 id="preview">What it looks like</h2>
      <p className="mute">
        {bytesText(step)} at a time, as numbers or as text. Nothing is opened or run. Each look goes on the record, with
        your name and the reason.
      </p>
      <form className="filters" onSubmit={begin}>
        <TextField label="Reason (optional)" onChange={setReason} value={reason} />
        <Button
          isPending={isBusy}
          refusal={mayLook ? undefined : 'Your role may not look at evidence.'}
          type={mayLook ? 'submit' : 'button'}
        >
          Look at the first {bytesText(Math.min(step, size))}
        </Button>
        <Select
          choices={[
            { value: 'hex', label: 'Numbers (hexadecimal)' },
            { value: 'text', label: 'Text' },
          ]}
          label="As"
          onChange={setLook}
          value={look}
        />
      </form>
      {refusal !== undefined && (
        <p className="field-error" role="alert">
          {refusal}
        </p>
      )}
      {shown !== undefined && (
        <>
          <p role="status">
            {shown.bytes.length === 0
              ? 'The file is empty.'
              : `Bytes ${shown.offset} to ${shown.offset + shown.bytes.length - 1} of ${size}.`}
          </p>
          {look === 'hex' ? <HexView {...shown} /> : <TextView bytes={shown.bytes} />}
          <div className="buttons">
            {shown.offset > 0 && (
              <Button onPress={() => void show(shown.offset - step)}>The {bytesText(step)} before</Button>
            )}
            {shown.offset + shown.bytes.length < size && (
              <Button onPress={() => void show(shown.offset + step)}>The next {bytesText(step)}</Button>
            )}
          </div>
        </>
      )}
    </section>
  );
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
