import { useState } from 'react';
import { client } from '../../app/client.ts';
import { useMay } from '../../app/may.ts';
import { useOrdered } from '../../app/ordered.ts';
import { type AsRead, useAsRead } from '../../kit/as-read.ts';
import { Button } from '../../kit/button.tsx';
import { Checkbox } from '../../kit/fields.tsx';
import { ReasonDialog } from '../../kit/reason-dialog.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { counted } from '../../words/amounts.ts';
import { ruleText } from '../../words/approvals.ts';
import type { File } from '../../words/files.ts';
import type { Preview } from './blast-radius.tsx';

type Order = Parameters<typeof client.quarantineFile>[0];

interface OrderCardProps {
  readonly order: Order;
  readonly files: number;
  readonly endpoints: number;
  readonly where: string;
  /** Those files, where they are few. */
  readonly named?: readonly File[];
  /** How many system packages have something to do with it. */
  readonly packages: number;
  /** Null: only the server knows, when it is ordered. */
  readonly rules: Preview['rules'] | null;
}

const mostNamed = 10;

/** How many are connected, say, may change while somebody reads; what is taken may not. */
function markOf({ order, files, endpoints, named = [], packages, rules }: OrderCardProps): string {
  return JSON.stringify([order, files, endpoints, named.map(({ guid }) => guid), packages, rules]);
}

/** The order, beneath what it would touch. */
export function OrderCard(props: OrderCardProps) {
  const { files, endpoints, where, named = [], packages } = props;
  const [isAsked, setAsked] = useState(false);
  const [overrides, setOverrides] = useState(false);
  const order = { ...props.order, overrideProtection: overrides };
  const about = useAsRead({ isOpen: isAsked, subject: { ...props, order }, markOf });
  const mayTake = useMay('files.quarantine');
  const mayOverride = useMay('files.override');
  return (
    <section aria-labelledby="order" className="card">
      <h2 id="order">The order</h2>
      <p>{sentenceOf(props)}</p>
      <ul className="plain-list" role="list">
        {named.slice(0, mostNamed).map(({ guid, path }) => (
          <li key={guid}>
            <ShownText text={path} />
          </li>
        ))}
        {named.length > mostNamed && <li className="mute">and {files - mostNamed} more</li>}
      </ul>
      {packages > 0 && (
        <p>
          A system package has these bytes. Agents protect such files and refuse to take them unless that is overridden.
        </p>
      )}
      {packages > 0 && mayOverride && (
        <Checkbox isSelected={overrides} onChange={setOverrides}>
          Take protected files, too
        </Checkbox>
      )}
      <div className="buttons">
        <Button look="danger" onPress={() => setAsked(true)} refusal={refusalOf(mayTake, endpoints)}>
          Quarantine {where} …
        </Button>
      </div>
      {about.asked !== undefined && (
        <OrderDialog {...about.asked} about={about} isOpen={isAsked} onClose={() => setAsked(false)} />
      )}
    </section>
  );
}

function refusalOf(mayTake: boolean, endpoints: number): string | undefined {
  if (!mayTake) {
    return 'Your role may not quarantine.';
  }
  return endpoints === 0 ? 'No endpoint has it on its disks.' : undefined;
}

function sentenceOf({ order, files, endpoints }: OrderCardProps): string {
  if (order.endpointIds === 'holders') {
    return endpoints === 0
      ? 'No endpoint has it on its disks, so there is nothing to take. Block the hash to have new copies taken.'
      : `${counted(files, 'file')} on ${counted(endpoints, 'endpoint')} would go into the vaults there.`;
  }
  if (order.sha256 === null) {
    return 'The endpoint has reported no file at this path. Whichever file stands there when its agent begins would be taken.';
  }
  return files === 0
    ? 'The endpoint has reported no such file. Its agent would look for it, and say when there is none.'
    : `${counted(files, 'file')} on one endpoint would go into its vault.`;
}

interface OrderDialogProps extends OrderCardProps {
  readonly about: AsRead<OrderCardProps>;
  readonly isOpen: boolean;
  onClose(): void;
}

function OrderDialog(props: OrderDialogProps) {
  const { about, order, endpoints, rules, isOpen, onClose } = props;
  const ordered = useOrdered();
  return (
    <ReasonDialog
      about={about}
      act={async (reason) => {
        const action = await client.quarantineFile({ ...order, ...(reason !== '' && { reason }) });
        await ordered(action, `Action ${action.id}: the quarantine was ordered on ${counted(endpoints, 'endpoint')}.`);
      }}
      isDanger
      isOpen={isOpen}
      onClose={onClose}
      title={titleOf(props)}
      word="Quarantine"
    >
      <p>{sentenceOf(props)}</p>
      {order.path !== null && (
        <p>
          <ShownText text={order.path} />
        </p>
      )}
      <p>
        Whatever needs a file that is taken stops working there. Each can be restored as it was, one by one or all in
        one act.
      </p>
      {order.endpointIds === 'holders' && (
        <p>
          Just these endpoints are asked: where a copy came or went meanwhile, nothing is ordered, and you are told so.
        </p>
      )}
      {order.overrideProtection === true && <p className="banner bad">Files that agents protect are taken, too.</p>}
      {rules !== null && rules.length > 0 && <p>It waits for a second person: {rules.map(ruleText).join(' ')}</p>}
    </ReasonDialog>
  );
}

function titleOf({ files, endpoints, order }: OrderCardProps): string {
  const what = order.sha256 === null || files === 0 ? 'what is there' : counted(files, 'file');
  return `Quarantine ${what} on ${counted(endpoints, 'endpoint')}?`;
}
