import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { client } from '../../app/client.ts';
import { useMay } from '../../app/may.ts';
import { Checkbox, TextField } from '../../kit/fields.tsx';
import { FormDialog } from '../../kit/form-dialog.tsx';
import { tell } from '../../kit/notices.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { counted } from '../../words/amounts.ts';
import { type ListKind, listWords } from '../../words/hash-lists.ts';

interface ListDialogProps {
  readonly list: ListKind;
  close(): void;
}

function hashesIn(text: string): string[] {
  return text
    .split(/[\s,;]+/)
    .map((hash) => hash.toLowerCase())
    .filter((hash) => hash !== '');
}

type Refused = Awaited<ReturnType<typeof client.listHashes>>['refused'];

/** Puts hashes on a list; those that the server refused stay in the form, each with the reason. */
export function ListDialog({ list, close }: ListDialogProps) {
  const queries = useQueryClient();
  const mayQuarantine = useMay('files.quarantine');
  const [given, setGiven] = useState({
    ...{ hashes: '', comment: '', reason: '', incidentId: '' },
    ...{ prevent: true, quarantineExisting: false },
  });
  const [refusals, setRefusals] = useState<Refused>([]);
  const set = (more: Partial<typeof given>) => setGiven((before) => ({ ...before, ...more }));
  const isBlock = list === 'block';
  const count = hashesIn(given.hashes).length;
  return (
    <FormDialog
      act={async () => {
        const { comment, reason, incidentId, prevent, quarantineExisting } = given;
        const hashes = hashesIn(given.hashes);
        const { listed, unchanged, refused, copiesCount, actions } = await client.listHashes({
          ...{ hashes, list, comment },
          ...(isBlock && { prevent, quarantineExisting }),
          ...(reason.trim() !== '' && { reason: reason.trim() }),
          ...(incidentId.trim() !== '' && { incidentId: incidentId.trim() }),
        });
        await queries.invalidateQueries({ queryKey: ['hashes'] });
        if (listed.length + unchanged.length > 0) {
          tell(
            `${counted(listed.length, 'hash', 'hashes')} put on the ${listWords[list].toLowerCase()}, ${unchanged.length} were on it. ` +
              `${counted(copiesCount, 'copy', 'copies')} on endpoints; ${counted(actions.length, 'quarantine')} ordered.`,
          );
        }
        setRefusals(refused);
        if (refused.length > 0) {
          set({ hashes: refused.map(({ hash }) => hash).join('\n') });
          throw new Error(
            `${refused.length} of ${counted(hashes.length, 'hash', 'hashes')} ${refused.length === 1 ? 'was' : 'were'} not listed.`,
          );
        }
      }}
      isDanger={given.quarantineExisting}
      isOpen
      onClose={close}
      title={isBlock ? 'Block hashes' : 'Allow hashes'}
      word={`${isBlock ? 'Block' : 'Allow'} ${counted(count, 'hash', 'hashes')}`}
    >
      <TextField
        autoFocus
        help="SHA-256, SHA-1 or MD5 in hex; several on lines of their own."
        isLong
        isRequired
        label="Hashes"
        onChange={(hashes) => set({ hashes })}
        value={given.hashes}
      />
      <Refusals refusals={refusals} />
      <TextField label="Comment" onChange={(comment) => set({ comment })} value={given.comment} />
      <TextField label="Incident (optional)" onChange={(incidentId) => set({ incidentId })} value={given.incidentId} />
      {isBlock && (
        <Checkbox isSelected={given.prevent} onChange={(prevent) => set({ prevent })}>
          Quarantine new files with these hashes, on every endpoint
        </Checkbox>
      )}
      {isBlock && mayQuarantine && (
        <Checkbox isSelected={given.quarantineExisting} onChange={(is) => set({ quarantineExisting: is })}>
          Quarantine the copies that are there already, too
        </Checkbox>
      )}
      <TextField label="Reason (optional)" onChange={(reason) => set({ reason })} value={given.reason} />
    </FormDialog>
  );
}

/** As many as somebody reads in a dialog. */
const mostShown = 20;

function Refusals({ refusals }: { readonly refusals: Refused }) {
  return refusals.length === 0 ? null : (
    <ul aria-label="Not listed" className="meaning">
      {refusals.slice(0, mostShown).map(({ hash, message }) => (
        <li key={hash}>
          <ShownText text={message} />
        </li>
      ))}
      {refusals.length > mostShown && <li>and {counted(refusals.length - mostShown, 'more hash', 'more hashes')}</li>}
    </ul>
  );
}

interface ForgetDialogProps extends ListDialogProps {
  readonly hashes: readonly string[];
  onDone(): void;
}

export function ForgetDialog({ hashes, list, close, onDone }: ForgetDialogProps) {
  const queries = useQueryClient();
  const count = counted(hashes.length, 'hash', 'hashes');
  return (
    <FormDialog
      act={async () => {
        const { removed } = await client.forgetHashes({ hashes: [...hashes] });
        await queries.invalidateQueries({ queryKey: ['hashes'] });
        onDone();
        tell(`${counted(removed.length, 'hash', 'hashes')} taken off the ${listWords[list].toLowerCase()}.`);
      }}
      isDanger
      isOpen
      onClose={close}
      title={`Take ${count} off the ${listWords[list].toLowerCase()}?`}
      word="Take off"
    >
      <ul className="meaning">
        {hashes.slice(0, 5).map((hash) => (
          <li key={hash}>
            <code>{hash}</code>
          </li>
        ))}
        {hashes.length > 5 && <li>and {counted(hashes.length - 5, 'more hash', 'more hashes')}</li>}
      </ul>
      <p>
        {list === 'block'
          ? 'New files with them are left alone from then on. What is in vaults stays there.'
          : 'From then on a block list may concern files with them again.'}
      </p>
    </FormDialog>
  );
}
