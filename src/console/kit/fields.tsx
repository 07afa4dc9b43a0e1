import type { ReactNode } from 'react';
import {
  Checkbox as AriaCheckbox,
  type CheckboxProps as AriaCheckboxProps,
  TextField as AriaTextField,
  type TextFieldProps as AriaTextFieldProps,
  FieldError,
  Input,
  Label,
  Text,
  TextArea,
} from 'react-aria-components';

interface Labelled {
  readonly label: string;
  readonly help?: ReactNode;
}

export interface TextFieldProps extends Omit<AriaTextFieldProps, 'className' | 'children'>, Labelled {
  readonly placeholder?: string;
  readonly isLong?: boolean;
}

export function TextField({ label, help, placeholder = '', isLong = false, ...props }: TextFieldProps) {
  return (
    <AriaTextField {...props} className="field">
      <Label>{label}</Label>
      {isLong ? (
        <TextArea className="input" placeholder={placeholder} />
      ) : (
        <Input className="input" placeholder={placeholder} />
      )}
      {help !== undefined && (
        <Text className="help" slot="description">
          {help}
        </Text>
      )}
      <FieldError className="field-error" />
    </AriaTextField>
  );
}

export function Checkbox({
  children,
  ...props
}: Omit<AriaCheckboxProps, 'className' | 'children'> & { readonly children: ReactNode }) {
  return (
    <AriaCheckbox {...props} className="checkbox">
      <span aria-hidden="true" className="checkbox-box" />
      {children}
    </AriaCheckbox>
  );
}

export interface Choice {
  readonly value: string;
  readonly label: string;
}

export interface SelectProps extends Labelled {
  readonly value: string;
  readonly choices: readonly Choice[];
  readonly isLabelHidden?: boolean;
  onChange(value: string): void;
}

/** The browser's own, which every reader of screens and every keyboard knows. */
export function Select({ label, help, value, choices, isLabelHidden = false, onChange }: SelectProps) {
  return (
    <label className="field">
      <span className={isLabelHidden ? 'visually-hidden' : ''}>{label}</span>
      <select className="input" onChange={(event) => onChange(event.target.value)} value={value}>
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.label}
          </option>
        ))}
      </select>
      {help !== undefined && <span className="help">{help}</span>}
    </label>
  );
}
