import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { client } from '../../app/client.ts';
import { CopyList } from '../../app/copy-list.tsx';
import { useMay } from '../../app/may.ts';
import { useOrdered } from '../../app/ordered.ts';
import { heldCopiesQuery } from '../../app/queries.ts';
import { useAnswerAsRead } from '../../kit/as-read.ts';
import { Checkbox, Select } from '../../kit/fields.tsx';
import { momentText } from '../../kit/moment.tsx';
import { Failed, Loading } from '../../kit/page-states.tsx';
import { ReasonDialog } from '../../kit/reason-dialog.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { counted } from '../../words/amounts.ts';
import type { QuarantineRecord } from '../../words/quarantine.ts';
import { IncidentField } from './incident-field.tsx';
import type { Asked } from './quarantine-dialogs.tsx';

type Policy = NonNullable<Parameters<typeof client.restoreFile>[0]['ifOccupied']>;
type Copies = readonly QuarantineRecord[];

const policyWords: Readonly<Record<Policy, string>> = {
  fail: 'do nothing, and say so',
  keep_both: 'use a name beside it',
  swap: 'take what is there into the vault',
};

const policies = Object.keys(policyWords).filter((policy): policy is Policy => policy in policyWords);

interface RestoreDialogProps extends Asked {
  readonly isEverywhere: boolean;
  readonly isBlocked: boolean;
}

/**
 * Puts quarantined copies back, and just those that it names: one of this file where it was, or every copy of the same bytes that any
 * vault holds.
 */
export function RestoreDialog({ file, hostName, isOpen, onClose, isEverywhere, isBlocked }: RestoreDialogProps) {
  const { sha256, guid } = file;
  const ordered = useOrdered();
  const query = useQuery({
    ...heldCopiesQuery(sha256, isEverywhere ? undefined : file.endpointId),
    enabled: isOpen,
    select: (held) => (isEverywhere ? held : newestFirst(held.filter((copy) => copy.guid === guid))),
  });
  const about = useAnswerAsRead(query, { isOpen, markOf });
  const copies = about.asked ?? [];
  const [chosen, setChosen] = useState<string>();
  const one = copies.find(({ vaultObject }) => vaultObject === chosen) ?? copies[0];
  const returning = isEverywhere || one === undefined ? copies : [one];
  const [incidentId, setIncident] = useState('');
  const [ifOccupied, setIfOccupied] = useState<Policy>('fail');
  const [allow, setAllow] = useState(false);
  const mayList = useMay('lists.manage');
  return (
    <ReasonDialog
      about={about}
      act={async (reason) => {
        const action = await client.restoreFile({
          ...{ sha256, ifOccupied, allow: isBlocked && mayList && allow },
          vaultObjects: returning.map(({ vaultObject }) => vaultObject),
          ...(reason !== '' && { reason }),
          ...(incidentId !== '' && { incidentId }),
        });
        await ordered(action, `The restore ${action.id} was ordered.`);
      }}
      isOpen={isOpen}
      onClose={onClose}
      refusal={about.asked?.length === 0 ? 'No vault holds it now.' : undefined}
      title={isEverywhere ? 'Restore every copy of this file, on every endpoint?' : <TitleHere hostName={hostName} />}
      word={isEverywhere ? 'Restore all of them' : 'Restore it'}
    >
      {about.asked === undefined ? <Unknown query={query} /> : <Returning copies={returning} sha256={sha256} />}
      {!isEverywhere && copies.length > 1 && <Choice copies={copies} onChange={setChosen} value={one?.vaultObject} />}
      <Select
        choices={policies.map((value) => ({ value, label: policyWords[value] }))}
        label="Where something else has its name"
        onChange={(value) => setIfOccupied(policies.find((policy) => policy === value) ?? 'fail')}
        value={ifOccupied}
      />
      {isBlocked && <Blocked allow={allow} mayList={mayList} onChange={setAllow} />}
      <IncidentField onChange={setIncident} value={incidentId} />
    </ReasonDialog>
  );
}

function newestFirst(copies: Copies): Copies {
  return copies.toSorted((one, other) => Date.parse(other.quarantinedAt) - Date.parse(one.quarantinedAt));
}

const markOf = (copies: Copies) => copies.map(({ vaultObject }) => vaultObject).join();

function TitleHere({ hostName }: { readonly hostName: string }) {
  return (
    <>
      Restore this file on <ShownText text={hostName} />?
    </>
  );
}

function Unknown({ query: { error, refetch } }: { readonly query: UseQueryResult<Copies, Error> }) {
  return error === null ? (
    <Loading what="what vaults hold" />
  ) : (
    <Failed again={() => void refetch()} failure={error} what="what vaults hold" />
  );
}

/** What goes back, and where. */
function Returning({ copies, sha256 }: { readonly copies: Copies; readonly sha256: string }) {
  if (copies.length === 0) {
    return (
      <p>
        The server knows of no copy of it in a vault now.{' '}
        <Link params={{ sha256 }} to="/quarantine/$sha256">
          See what vaults held
        </Link>
      </p>
    );
  }
  return (
    <>
      <p>
        <strong>{counted(copies.length, 'copy', 'copies')}</strong>{' '}
        {copies.length === 1
          ? 'goes back to where it was; if its endpoint is away, when that returns.'
          : 'go back to where they were; those of endpoints that are away when they return.'}{' '}
        Nothing else leaves a vault.
      </p>
      <CopyList copies={copies} label="What goes back" />
    </>
  );
}

interface ChoiceProps {
  readonly copies: Copies;
  readonly value: string | undefined;
  onChange(vaultObject: string): void;
}

/** A file that was taken, came again and was taken again: one of the two can be where it was. */
function Choice({ copies, value, onChange }: ChoiceProps) {
  return (
    <>
      <p>The vault has taken this file {counted(copies.length, 'time')}. One goes back; the others stay there.</p>
      <Select
        choices={copies.map(({ vaultObject, quarantinedAt }) => ({
          value: vaultObject,
          label: momentText(Date.parse(quarantinedAt)),
        }))}
        label="The one that was taken at"
        onChange={onChange}
        value={value ?? ''}
      />
    </>
  );
}

interface BlockedProps {
  readonly allow: boolean;
  readonly mayList: boolean;
  onChange(allow: boolean): void;
}

function Blocked({ allow, mayList, onChange }: BlockedProps) {
  return (
    <>
      <p className="banner bad">Its hash is blocked: once back, it is quarantined again unless it is allowed.</p>
      {mayList ? (
        <Checkbox isSelected={allow} onChange={onChange}>
          Allow the hash first, so that it stays
        </Checkbox>
      ) : (
        <p>Your role may not change the lists of hashes: ask somebody who may.</p>
      )}
    </>
  );
}
