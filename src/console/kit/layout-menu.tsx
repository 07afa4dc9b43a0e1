import { Dialog as AriaDialog, DialogTrigger, Popover } from 'react-aria-components';
import { Button } from './button.tsx';
import { Checkbox } from './fields.tsx';

interface LayoutMenuProps {
  readonly columns: readonly { readonly id: string; readonly title: string }[];
  /** Ids of those that are shown, in their order. */
  readonly shown: readonly string[];
  readonly usual: readonly string[];
  onChange(shown: readonly string[]): void;
}

/** Shows, hides and orders the columns of a table. */
export function LayoutMenu({ columns, shown, usual, onChange }: LayoutMenuProps) {
  const inOrder = [
    ...shown.flatMap((id) => columns.find((column) => column.id === id) ?? []),
    ...columns.filter(({ id }) => !shown.includes(id)),
  ];
  const move = (id: string, by: -1 | 1) => {
    const from = shown.indexOf(id);
    const rest = shown.filter((each) => each !== id);
    onChange(rest.toSpliced(Math.max(0, from + by), 0, id));
  };
  return (
    <DialogTrigger>
      <Button>Layout</Button>
      <Popover className="popover" placement="bottom end">
        <AriaDialog aria-label="Columns" className="layout-menu">
          <ul className="plain-list">
            {inOrder.map(({ id, title }) => (
              <li key={id}>
                <Checkbox
                  isDisabled={shown.length === 1 && shown[0] === id}
                  isSelected={shown.includes(id)}
                  onChange={(isOn) => onChange(isOn ? [...shown, id] : shown.filter((each) => each !== id))}
                >
                  {title}
                </Checkbox>
                <span className="grow" />
                <Button
                  aria-label={`Move ${title} to the left`}
                  isDisabled={!shown.includes(id) || shown[0] === id}
                  look="quiet"
                  onPress={() => move(id, -1)}
                >
                  ↑
                </Button>
                <Button
                  aria-label={`Move ${title} to the right`}
                  isDisabled={!shown.includes(id) || shown.at(-1) === id}
                  look="quiet"
                  onPress={() => move(id, 1)}
                >
                  ↓
                </Button>
              </li>
            ))}
          </ul>
          <Button onPress={() => onChange(usual)}>As at first</Button>
        </AriaDialog>
      </Popover>
    </DialogTrigger>
  );
}
