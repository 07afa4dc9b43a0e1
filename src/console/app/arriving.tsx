import '../style/actions.css';
import { bytesText, counted } from '../words/amounts.ts';
import type { ActionDetails } from '../words/outcomes.ts';

type Upload = NonNullable<ActionDetails['upload']>;

/** What is safe on the server of the files that are on their way. */
export function Arriving({ upload: { bytesReceived, bytesTotal, files } }: { readonly upload: Upload }) {
  const words = `${bytesText(bytesReceived)} of ${bytesText(bytesTotal)} on the server`;
  return (
    <p className="ended">
      <progress
        aria-label="Bytes on the server"
        aria-valuetext={words}
        max={Math.max(1, bytesTotal)}
        value={bytesTotal === 0 ? 1 : bytesReceived}
      />{' '}
      {files === 1 ? words : `${words}, ${counted(files, 'file')} begun or whole`}
    </p>
  );
}
