import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { client } from '../../app/client.ts';
import { useAsRead } from '../../kit/as-read.ts';
import { TextField } from '../../kit/fields.tsx';
import { FormDialog } from '../../kit/form-dialog.tsx';
import { tell } from '../../kit/notices.tsx';
import { ReasonDialog } from '../../kit/reason-dialog.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { splitList } from '../../kit/split-list.ts';
import { counted } from '../../words/amounts.ts';
import { type Endpoint, nameOf } from '../../words/presences.ts';

export type EndpointQuestion = 'rename' | 'tag' | 'archive' | 'unarchive' | 'revoke';

export interface EndpointDialogProps {
  readonly endpoints: readonly Endpoint[];
  readonly question: EndpointQuestion | undefined;
  close(): void;
  /** After it was done. */
  onDone?(): void;
}

const mostNamed = 8;

/** What a person is asked before endpoints are changed. */
export function EndpointDialogs({ endpoints, question, ...given }: EndpointDialogProps) {
  const { asked } = useAsRead({ isOpen: question !== undefined, subject: endpoints });
  const props = { ...given, question, endpoints: asked ?? [] };
  return (
    <>
      {question === 'rename' && <RenameDialog {...props} />}
      {question === 'tag' && <TagDialog {...props} />}
      <ArchiveDialog {...props} />
      <UnarchiveDialog {...props} />
      <RevokeDialog {...props} />
    </>
  );
}

function useChanged({ onDone }: EndpointDialogProps): () => Promise<void> {
  const queries = useQueryClient();
  return async () => {
    await queries.invalidateQueries({ queryKey: ['endpoints'] });
    onDone?.();
  };
}

/** Which they are, by name: the first few where they are many. */
function Named({ endpoints }: { readonly endpoints: readonly Endpoint[] }) {
  return (
    <ul className="plain-list">
      {endpoints.slice(0, mostNamed).map((endpoint) => (
        <li key={endpoint.id}>
          <ShownText text={nameOf(endpoint)} />
        </li>
      ))}
      {endpoints.length > mostNamed && <li>and {counted(endpoints.length - mostNamed, 'more endpoint')}</li>}
    </ul>
  );
}

const idsOf = (endpoints: readonly Endpoint[]) => endpoints.map(({ id }) => id);

function RenameDialog(props: EndpointDialogProps) {
  const { endpoints, close } = props;
  const changed = useChanged(props);
  const [alias, setAlias] = useState(endpoints[0]?.alias ?? '');
  return (
    <FormDialog
      act={async () => {
        await client.renameEndpoints({ endpointIds: idsOf(endpoints), alias: alias.trim() });
        await changed();
        tell(
          alias.trim() === '' ? (
            'The alias is taken away.'
          ) : (
            <>
              It is called <ShownText text={alias.trim()} /> now.
            </>
          ),
        );
      }}
      isOpen
      onClose={close}
      title={`What is ${endpoints.length === 1 ? 'this endpoint' : counted(endpoints.length, 'endpoint')} called?`}
      word="Rename"
    >
      <TextField
        autoFocus
        help="Beside its host name, which stays. Empty: it has no alias."
        label="Alias"
        onChange={setAlias}
        value={alias}
      />
    </FormDialog>
  );
}

function TagDialog(props: EndpointDialogProps) {
  const { endpoints, close } = props;
  const changed = useChanged(props);
  const known = [...new Set(endpoints.flatMap(({ tags }) => tags))].toSorted();
  const [added, setAdded] = useState('');
  const [removed, setRemoved] = useState<readonly string[]>([]);
  const add = splitList(added);
  return (
    <FormDialog
      act={async () => {
        const { endpointIds } = await client.tagEndpoints({ endpointIds: idsOf(endpoints), add, remove: [...removed] });
        await changed();
        tell(`The tags of ${counted(endpointIds.length, 'endpoint')} are changed.`);
      }}
      isOpen
      onClose={close}
      title={`Tags of ${counted(endpoints.length, 'endpoint')}`}
      word="Change the tags"
    >
      <Named endpoints={endpoints} />
      <TextField
        autoFocus
        help="Several with commas between. People and keys whose scope is a tag see the endpoint from then on."
        label="Put on"
        onChange={setAdded}
        value={added}
      />
      {known.length > 0 && (
        <fieldset className="choices">
          <legend>Take off</legend>
          {known.map((tag) => (
            <label key={tag}>
              <input
                checked={removed.includes(tag)}
                onChange={({ target }) =>
                  setRemoved(target.checked ? [...removed, tag] : removed.filter((each) => each !== tag))
                }
                type="checkbox"
              />{' '}
              <ShownText text={tag} />
            </label>
          ))}
        </fieldset>
      )}
    </FormDialog>
  );
}

function ArchiveDialog(props: EndpointDialogProps) {
  const { endpoints, question, close } = props;
  const changed = useChanged(props);
  return (
    <ReasonDialog
      act={async (reason) => {
        const { endpointIds } = await client.archiveEndpoints({ endpointIds: idsOf(endpoints), reason });
        await changed();
        tell(`${counted(endpointIds.length, 'endpoint')} put aside.`);
      }}
      isOpen={question === 'archive'}
      onClose={close}
      title={`Put ${counted(endpoints.length, 'endpoint')} aside?`}
      word="Archive"
    >
      <Named endpoints={endpoints} />
      <p>Nothing is lost and nothing is stopped. It is left out of lists and counts until its agent connects again.</p>
    </ReasonDialog>
  );
}

function UnarchiveDialog(props: EndpointDialogProps) {
  const { endpoints, question, close } = props;
  const changed = useChanged(props);
  return (
    <ReasonDialog
      act={async (reason) => {
        const { endpointIds } = await client.unarchiveEndpoints({ endpointIds: idsOf(endpoints), reason });
        await changed();
        tell(`${counted(endpointIds.length, 'endpoint')} brought back.`);
      }}
      isOpen={question === 'unarchive'}
      onClose={close}
      title={`Bring ${counted(endpoints.length, 'endpoint')} back into lists and counts?`}
      word="Bring back"
    >
      <Named endpoints={endpoints} />
    </ReasonDialog>
  );
}

function RevokeDialog(props: EndpointDialogProps) {
  const { endpoints, question, close } = props;
  const changed = useChanged(props);
  return (
    <ReasonDialog
      act={async (reason) => {
        const { endpointIds, kept } = await client.revokeEndpoints({ endpointIds: idsOf(endpoints), reason });
        await changed();
        if (endpointIds.length > 0) {
          tell(`${counted(endpointIds.length, 'endpoint')} revoked.`);
        }
        for (const { endpointId, message } of kept) {
          const found = endpoints.find(({ id }) => id === endpointId);
          tell(
            <>
              <ShownText text={found === undefined ? endpointId : nameOf(found)} /> is kept:{' '}
              <ShownText text={message} />
            </>,
            'bad',
          );
        }
      }}
      isDanger
      isOpen={question === 'revoke'}
      onClose={close}
      title={`Revoke ${counted(endpoints.length, 'endpoint')} for good?`}
      word="Revoke for good"
    >
      <Named endpoints={endpoints} />
      <ul className="meaning">
        <li>The server refuses its agent from now on, and closes its connection. This cannot be undone.</li>
        <li>What was ordered of it and has not ended is cancelled.</li>
        <li>Its files, its record and what was fetched from it stay on the server.</li>
        <li>An endpoint whose vault holds quarantined files is kept: nobody could restore them any more.</li>
        <li>
          To come back, the machine enrols anew with a new token. The agent’s program stays on it until it is removed
          there.
        </li>
      </ul>
    </ReasonDialog>
  );
}
