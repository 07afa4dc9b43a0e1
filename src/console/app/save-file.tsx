import '../style/save-file.css';
import { useState } from 'react';
import { Button } from '../kit/button.tsx';
import { tell } from '../kit/notices.tsx';
import { saveFile } from '../kit/save-file.ts';
import { bytesText } from '../words/amounts.ts';
import { client } from './client.ts';

interface SaveFileProps {
  readonly place: Parameters<typeof client.downloadFile>[0];
  readonly reason: string | undefined;
  /** In bytes. */
  readonly size: number;
}

/** Brings the bytes from the server into the browser's downloads. Half a file is never saved. */
export function SaveFile({ place, reason, size }: SaveFileProps) {
  const [received, setReceived] = useState<number>();
  const save = async () => {
    setReceived(0);
    try {
      const { body, suggestedName } = await client.downloadFile(place, reason === undefined ? {} : { reason });
      const blob = await new Response(body.pipeThrough(counting(setReceived))).blob();
      saveFile(blob, suggestedName ?? 'file');
      tell(`${bytesText(blob.size)} saved.`);
    } catch (failure) {
      tell(failure instanceof Error ? failure.message : String(failure), 'bad');
    } finally {
      setReceived(undefined);
    }
  };
  return (
    <p className="save-file">
      <Button isPending={received !== undefined} look="main" onPress={() => void save()}>
        Save the file
      </Button>
      {received !== undefined && (
        <>
          <progress aria-label="How much is saved" max={Math.max(1, size)} value={received} />
          {bytesText(received)} of {bytesText(size)}
        </>
      )}
      <span className="mute">It is the file as it was on the endpoint: it may be dangerous to open.</span>
    </p>
  );
}

function counting(told: (received: number) => void): TransformStream<Uint8Array, Uint8Array> {
  let received = 0;
  return new TransformStream({
    transform(chunk, controller) {
      received += chunk.length;
      told(received);
      controller.enqueue(chunk);
    },
  });
}
