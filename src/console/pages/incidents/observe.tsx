import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { client } from '../../app/client.ts';
import { findEndpoint } from '../../app/find-endpoint.ts';
import { TextField } from '../../kit/fields.tsx';
import { FormDialog } from '../../kit/form-dialog.tsx';
import { tell } from '../../kit/notices.tsx';
import { ShownText } from '../../kit/shown-text.tsx';

const blank = { endpoint: '', path: '', sha256: '' };

interface ObserveProps {
  readonly incidentId: string;
  readonly isOpen: boolean;
  onClose(): void;
}

export function Observe({ incidentId, isOpen, onClose }: ObserveProps) {
  const queries = useQueryClient();
  const [given, setGiven] = useState(blank);
  const set = (name: keyof typeof blank) => (value: string) => setGiven({ ...given, [name]: value });
  const add = async () => {
    const { id, hostName } = await findEndpoint(given.endpoint);
    const [path, sha256] = [given.path.trim(), given.sha256.trim()];
    const file = { endpointId: id, path, ...(sha256 !== '' && { sha256 }) };
    await client.observeIncident(incidentId, path === '' ? { endpointIds: [id] } : { files: [file] });
    await queries.invalidateQueries({ queryKey: ['incidents', incidentId] });
    tell(
      path === '' ? (
        <>
          <ShownText text={hostName} /> belongs to the incident.
        </>
      ) : (
        <>
          The file on <ShownText text={hostName} /> belongs to the incident.
        </>
      ),
    );
    setGiven(blank);
  };
  return (
    <FormDialog act={add} isOpen={isOpen} onClose={onClose} title="Add to the incident" word="Add it">
      <TextField
        autoFocus
        help="Its host name, or its id."
        isRequired
        label="Endpoint"
        onChange={set('endpoint')}
        value={given.endpoint}
      />
      <TextField
        help="Left empty, the endpoint alone is added."
        label="Path of a file"
        onChange={set('path')}
        value={given.path}
      />
      <TextField
        help="Left empty, it is the one that the endpoint has reported."
        label="SHA-256 of the file"
        onChange={set('sha256')}
        value={given.sha256}
      />
    </FormDialog>
  );
}
