import { TextField } from './fields.tsx';

/** As the server counts them; it decides again. */
const shortest = 12;

interface NewPasswordFieldProps {
  readonly label: string;
  readonly value: string;
  /** What else whoever types has to know; stands after the rule. */
  readonly help?: string;
  readonly autoFocus?: boolean;
  onChange(value: string): void;
}

/** A password that somebody chooses, with the rule for it. */
export function NewPasswordField({ help = '', ...props }: NewPasswordFieldProps) {
  return (
    <TextField
      {...props}
      autoComplete="new-password"
      help={`At least ${shortest} characters. ${help}`.trimEnd()}
      isRequired
      type="password"
      validate={(value) => (value.length < shortest ? `A password has at least ${shortest} characters.` : null)}
    />
  );
}
