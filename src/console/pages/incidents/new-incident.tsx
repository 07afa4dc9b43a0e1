import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { client } from '../../app/client.ts';
import { Select, TextField } from '../../kit/fields.tsx';
import { FormDialog } from '../../kit/form-dialog.tsx';
import { tell } from '../../kit/notices.tsx';
import { type Severity, severities, severityWords } from '../../words/incidents.ts';

const blank = { name: '', description: '', severity: 'medium' as Severity };

export function NewIncident({ isOpen, onClose }: { readonly isOpen: boolean; onClose(): void }) {
  const navigate = useNavigate();
  const [given, setGiven] = useState(blank);
  const create = async () => {
    const { name, description, severity } = given;
    const { incident } = await client.createIncident({ name: name.trim(), description: description.trim(), severity });
    tell(`Incident ${incident.id} is open.`);
    setGiven(blank);
    await navigate({ to: '/incidents/$incidentId', params: { incidentId: incident.id } });
  };
  return (
    <FormDialog act={create} isOpen={isOpen} onClose={onClose} title="Open an incident" word="Open it">
      <TextField
        autoFocus
        isRequired
        label="Name"
        onChange={(name) => setGiven({ ...given, name })}
        value={given.name}
      />
      <TextField
        isLong
        label="Description"
        onChange={(description) => setGiven({ ...given, description })}
        value={given.description}
      />
      <Select
        choices={severities.map((value) => ({ value, label: severityWords[value].label }))}
        label="Severity"
        onChange={(value) =>
          setGiven({ ...given, severity: severities.find((each) => each === value) ?? given.severity })
        }
        value={given.severity}
      />
    </FormDialog>
  );
}
