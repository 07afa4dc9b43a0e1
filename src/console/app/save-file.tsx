import '../style/save-file.css';
import { useState } from 'react';
import { Button } from '../kit/button.tsx';
import { tell } from '../kit/notices.tsx';
import { bytesText } from '../words/amounts.ts';
import { type FetchedFile, saveEvidence } from './save-evidence.ts';

interface SaveFileProps {
  readonly file: FetchedFile;
  readonly reason: string | undefined;
}

/** Brings the bytes from the server into the browser's downloads. */
export function SaveFile({ file, reason }: SaveFileProps) {
  const { size, sha256 } = file;
  const [received, setReceived] = useState<number>();
  const save = async () => {
    setReceived(0);
    try {
      tell(await saveEvidence(file, { reason, onProgress: setReceived }));
    } catch (failure) {
      tell(failure instanceof Error ? failure.message : String(failure), 'bad');
    } finally {
      setReceived(undefined);
    }
  };
  return (
    <>
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
      {sha256 !== null && (
        <p className="mute">
          SHA-256 <code className="hash">{sha256}</code>
        </p>
      )}
    </>
  );
}
