import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { client } from '../../app/client.ts';
import { hostNames } from '../../app/files-with-hosts.ts';
import { useOrdered } from '../../app/ordered.ts';
import { Checkbox, Select } from '../../kit/fields.tsx';
import { Failed, Loading } from '../../kit/page-states.tsx';
import { ReasonDialog } from '../../kit/reason-dialog.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { counted } from '../../words/amounts.ts';
import { IncidentField } from './incident-field.tsx';
import type { Asked } from './quarantine-dialogs.tsx';

type Policy = NonNullable<Parameters<typeof client.restoreFile>[0]['ifOccupied']>;

const policyWords: Readonly<Record<Policy, string>> = {
  fail: 'do nothing, and say so',
  keep_both: 'use a name beside it',
  swap: 'take what is there into the vault',
};

const policies = Object.keys(policyWords).filter((policy): policy is Policy => policy in policyWords);
const mostNamed = 50;

interface RestoreDialogProps extends Asked {
  readonly isEverywhere: boolean;
  readonly isBlocked: boolean;
}

/** Puts quarantined copies back: those of one endpoint, or all that any vault holds. */
export function RestoreDialog({ file, hostName, isOpen, onClose, isEverywhere, isBlocked }: RestoreDialogProps) {
  const { sha256, endpointId } = file;
  const ordered = useOrdered();
  const [incidentId, setIncident] = useState('');
  const [ifOccupied, setIfOccupied] = useState<Policy>('fail');
  const [allow, setAllow] = useState(false);
  const where = isEverywhere ? 'on every endpoint' : `on ${hostName}`;
  return (
    <ReasonDialog
      act={async (reason) => {
        const action = await client.restoreFile({
          ...{ sha256, ifOccupied, allow },
          ...(!isEverywhere && { endpointId }),
          ...(reason !== '' && { reason }),
          ...(incidentId !== '' && { incidentId }),
        });
        await ordered(action, `The restore ${action.id} was ordered.`);
      }}
      isOpen={isOpen}
      onClose={onClose}
      title={`Restore this file ${where}?`}
      word={isEverywhere ? 'Restore all of them' : 'Restore it'}
    >
      <Held endpointId={isEverywhere ? undefined : endpointId} isOpen={isOpen} sha256={sha256} />
      <Select
        choices={policies.map((value) => ({ value, label: policyWords[value] }))}
        label="Where something else has its name"
        onChange={(value) => setIfOccupied(policies.find((policy) => policy === value) ?? 'fail')}
        value={ifOccupied}
      />
      {isBlocked && (
        <>
          <p className="banner bad">Its hash is blocked: once back, it is quarantined again unless it is allowed.</p>
          <Checkbox isSelected={allow} onChange={setAllow}>
            Allow the hash first, so that it stays
          </Checkbox>
        </>
      )}
      <IncidentField onChange={setIncident} value={incidentId} />
    </ReasonDialog>
  );
}

interface HeldProps {
  readonly sha256: string;
  readonly endpointId: string | undefined;
  readonly isOpen: boolean;
}

/** What would go back, and where. */
function Held({ sha256, endpointId, isOpen }: HeldProps) {
  const query = useQuery({
    queryKey: ['quarantine', 'held', sha256, endpointId],
    enabled: isOpen,
    async queryFn() {
      const { items, total } = await client.listQuarantine({
        ...{ sha256: [sha256], state: ['held'], limit: mostNamed },
        ...(endpointId !== undefined && { endpointId: [endpointId] }),
      });
      return { items, total, hosts: await hostNames([...new Set(items.map((each) => each.endpointId))]) };
    },
  });
  if (query.data === undefined) {
    return query.error === null ? (
      <Loading what="what vaults hold" />
    ) : (
      <Failed again={() => void query.refetch()} failure={query.error} what="what vaults hold" />
    );
  }
  const { items, total, hosts } = query.data;
  return (
    <>
      <p>
        <strong>{counted(total, 'copy', 'copies')}</strong> go back to where they were; those of endpoints that are away
        when they return.
      </p>
      <ul className="plain-list scrolled">
        {items.map((each) => (
          <li key={each.vaultObject}>
            <ShownText text={hosts.get(each.endpointId) ?? each.endpointId} />: <ShownText text={each.path} />
          </li>
        ))}
      </ul>
      {total > items.length && <p className="mute">and {counted(total - items.length, 'more')}</p>}
    </>
  );
}
