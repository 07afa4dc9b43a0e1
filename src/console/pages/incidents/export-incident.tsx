import { useState } from 'react';
import { client } from '../../app/client.ts';
import { Checkbox, TextField } from '../../kit/fields.tsx';
import { FormDialog } from '../../kit/form-dialog.tsx';
import { tell } from '../../kit/notices.tsx';
import { saveStream } from '../../kit/save-file.ts';
import { bytesText } from '../../words/amounts.ts';
import type { Incident } from '../../words/incidents.ts';

interface ExportProps {
  readonly incident: Incident;
  readonly isOpen: boolean;
  close(): void;
}

export function ExportIncident({ incident, isOpen, close }: ExportProps) {
  const [hasEvidence, setEvidence] = useState(true);
  const [password, setPassword] = useState('');
  const [reason, setReason] = useState('');
  const save = async () => {
    const bundle = await client.exportBundle({
      ...{ subject: { kind: 'incident', id: incident.id }, evidence: hasEvidence },
      ...(password !== '' && { password }),
      ...(reason.trim() !== '' && { reason: reason.trim() }),
    });
    const size = await saveStream(bundle, `custody-incident-${incident.id}.zip`);
    tell(`The bundle is saved: ${bytesText(size)}. It is checked with custody verify.`);
    setPassword('');
    setReason('');
  };
  return (
    <FormDialog
      act={save}
      isOpen={isOpen}
      mayLeave
      onClose={close}
      title="Export a bundle of the incident"
      word="Export it"
    >
      <p>
        A ZIP that proves what happened, to be checked without this server: every event of the incident and of what was
        ordered for it, with proofs, the agents’ signed reports, and a report for people. That it was exported goes on
        record. It comes through the browser’s memory: one of many gigabytes is for <code>custody evidence export</code>
        .
      </p>
      <Checkbox isSelected={hasEvidence} onChange={setEvidence}>
        With the fetched files themselves, which may be malicious
      </Checkbox>
      <TextField
        autoComplete="new-password"
        help="Encrypts what is in the ZIP, so that no scanner on the way takes a file away. Left empty, it is not encrypted."
        label="Password of the ZIP"
        maxLength={128}
        onChange={setPassword}
        type="password"
        value={password}
      />
      <TextField label="Reason (optional)" onChange={setReason} value={reason} />
    </FormDialog>
  );
}
