import { TextField } from '../../kit/fields.tsx';

interface IncidentFieldProps {
  readonly value: string;
  onChange(value: string): void;
}

/** With it the action stands on the incident's timeline. */
export function IncidentField({ value, onChange }: IncidentFieldProps) {
  return (
    <TextField
      help="The action then stands on its timeline."
      label="Incident ID (optional)"
      onChange={(typed) => onChange(typed.trim())}
      value={value}
    />
  );
}
