import {
  Button as AriaButton,
  type ButtonProps as AriaButtonProps,
  Tooltip,
  TooltipTrigger,
} from 'react-aria-components';

export interface ButtonProps extends Omit<AriaButtonProps, 'className'> {
  readonly look?: 'plain' | 'main' | 'danger' | 'quiet';
  /** Why it cannot be used now: said to everybody who reaches it. Undefined: it can be. */
  readonly refusal?: string | undefined;
}

/** A button that, where it cannot be used, says why instead of going grey without a word. */
export function Button({ look = 'plain', refusal, onPress, ...props }: ButtonProps) {
  const button = (
    <AriaButton
      {...props}
      {...(refusal === undefined && onPress !== undefined && { onPress })}
      {...(refusal !== undefined && { 'aria-disabled': true })}
      className={`button ${look}${refusal === undefined ? '' : ' refused'}`}
    />
  );
  if (refusal === undefined) {
    return button;
  }
  return (
    <TooltipTrigger delay={200}>
      {button}
      <Tooltip className="tooltip">{refusal}</Tooltip>
    </TooltipTrigger>
  );
}
