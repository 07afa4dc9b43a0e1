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

/**
 * A button that, where it cannot be used, says why instead of going grey without a word. What is under way is not begun again; it is the
 * page that says how far it is, since the kit's own announcement names an element that is gone by then.
 */
export function Button({ look = 'plain', refusal, onPress, isPending = false, ...props }: ButtonProps) {
  const isStill = refusal !== undefined || isPending;
  const button = (
    <AriaButton
      {...props}
      {...(!isStill && onPress !== undefined && { onPress })}
      {...(isStill && { 'aria-disabled': true, type: 'button' })}
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
