import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { client } from '../../app/client.ts';
import { Select, TextField } from '../../kit/fields.tsx';
import { FormDialog } from '../../kit/form-dialog.tsx';
import { tell } from '../../kit/notices.tsx';
import {
  type Incident,
  incidentStatuses,
  incidentStatusWords,
  isResolved,
  severities,
  severityOf,
  severityWords,
} from '../../words/incidents.ts';

interface ChangeProps {
  readonly incident: Incident;
  close(): void;
}

type Form = Readonly<ReturnType<typeof formOf>>;

function formOf(incident: Incident) {
  const { name, description, status, assignedTo, resolveComment } = incident;
  return { name, description, status, severity: severityOf(incident), assignedTo: assignedTo ?? '', resolveComment };
}

/** Only what was touched is sent: what others changed meanwhile stays. */
function changesOf(before: Form, given: Form) {
  const { name, description, status, severity, assignedTo, resolveComment } = given;
  return {
    ...(name.trim() !== before.name && { name: name.trim() }),
    ...(description !== before.description && { description }),
    ...(status !== before.status && { status }),
    ...(severity !== before.severity && { manualSeverity: severity }),
    ...(assignedTo.trim() !== before.assignedTo && { assignedTo: assignedTo.trim() || null }),
    ...(resolveComment !== before.resolveComment && { resolveComment }),
  };
}

export function ChangeIncident({ incident, close }: ChangeProps) {
  const queries = useQueryClient();
  const [before] = useState<Form>(() => formOf(incident));
  const [given, setGiven] = useState(before);
  const set = (more: Partial<Form>) => setGiven({ ...given, ...more });
  const save = async () => {
    const changes = changesOf(before, given);
    if (Object.keys(changes).length > 0) {
      await client.changeIncident(incident.id, changes);
      await queries.invalidateQueries({ queryKey: ['incidents'] });
      tell('The incident is changed.');
    }
  };
  const { name, description, status, severity, assignedTo, resolveComment } = given;
  return (
    <FormDialog act={save} isOpen onClose={close} title="Change the incident" word="Keep the changes">
      <TextField isRequired label="Name" onChange={(value) => set({ name: value })} value={name} />
      <TextField isLong label="Description" onChange={(value) => set({ description: value })} value={description} />
      <Select
        choices={incidentStatuses.map((value) => ({ value, label: incidentStatusWords[value].label }))}
        label="Status"
        onChange={(value) => set({ status: incidentStatuses.find((each) => each === value) ?? status })}
        value={status}
      />
      {isResolved(status) && (
        <TextField
          isLong
          label="What came of it"
          onChange={(value) => set({ resolveComment: value })}
          value={resolveComment}
        />
      )}
      <Select
        choices={severities.map((value) => ({ value, label: severityWords[value].label }))}
        label="Severity, as you judge"
        onChange={(value) => set({ severity: severities.find((each) => each === value) ?? severity })}
        value={severity}
      />
      <TextField
        help="An e-mail address, or a name."
        label="Assigned to"
        onChange={(value) => set({ assignedTo: value })}
        value={assignedTo}
      />
    </FormDialog>
  );
}
