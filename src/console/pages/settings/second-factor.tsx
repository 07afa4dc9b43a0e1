import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { client } from '../../app/client.ts';
import { meQuery } from '../../app/queries.ts';
import { Badge } from '../../kit/badge.tsx';
import { Button } from '../../kit/button.tsx';
import { useDoing } from '../../kit/doing.ts';
import { TextField } from '../../kit/fields.tsx';
import { FormDialog } from '../../kit/form-dialog.tsx';
import { tell } from '../../kit/notices.tsx';
import { QrCode } from '../../kit/qr-code.tsx';
import { ShownOnce } from '../../kit/shown-once.tsx';
import { counted } from '../../words/amounts.ts';
import type { Me } from '../../words/people.ts';

type Account = NonNullable<Me['account']>;
type Prepared = Awaited<ReturnType<typeof client.prepareSecondFactor>>;

/** Few are left: the next lost device may lock somebody out. */
const fewCodes = 3;

/** A code from a device beside the password; and what takes its place when the device is lost. */
export function SecondFactor({ account }: { readonly account: Account }) {
  const [codes, setCodes] = useState<readonly string[]>();
  return (
    <div className="stack">
      {codes !== undefined && <RecoveryCodes codes={codes} done={() => setCodes(undefined)} />}
      {account.hasSecondFactor ? <Enrolled account={account} onCodes={setCodes} /> : <NotEnrolled onCodes={setCodes} />}
    </div>
  );
}

interface GetsCodes {
  onCodes(codes: readonly string[]): void;
}

function Enrolled({ account, onCodes }: GetsCodes & { readonly account: Account }) {
  const queries = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const [code, setCode] = useState('');
  const { recoveryCodesLeft } = account;
  return (
    <>
      <p>
        <Badge tone="good">It is on: every log-in asks for a code.</Badge>
      </p>
      <p>
        <Badge tone={recoveryCodesLeft <= fewCodes ? 'bad' : 'good'}>
          {counted(recoveryCodesLeft, 'recovery code')} left
        </Badge>{' '}
        <Button onPress={() => setAsking(true)}>Make new recovery codes …</Button>
      </p>
      <p className="mute">
        You cannot take it away yourself: whoever stole your session could. Another administrator does, under Users.
      </p>
      <FormDialog
        act={async () => {
          const { recoveryCodes } = await client.renewRecoveryCodes({ code: code.trim() });
          setCode('');
          onCodes(recoveryCodes);
          await queries.invalidateQueries({ queryKey: meQuery.queryKey });
        }}
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        title="Make new recovery codes?"
        word="Make new codes"
      >
        <p>{counted(recoveryCodesLeft, 'code')} that you may have kept count no more.</p>
        <CodeField code={code} onChange={setCode} />
      </FormDialog>
    </>
  );
}

function CodeField({ code, onChange }: { readonly code: string; onChange(code: string): void }) {
  return (
    <TextField
      autoComplete="one-time-code"
      help="From your authenticator."
      isRequired
      label="Code"
      onChange={onChange}
      value={code}
    />
  );
}

function NotEnrolled({ onCodes }: GetsCodes) {
  const [prepared, setPrepared] = useState<Prepared>();
  const [isBusy, begin] = useDoing();
  if (prepared !== undefined) {
    return <Confirm onCodes={onCodes} prepared={prepared} />;
  }
  return (
    <>
      <p>
        <Badge tone="wait">It is off: your password alone lets you in.</Badge>
      </p>
      <div>
        <Button
          isPending={isBusy}
          look="main"
          onPress={() => begin(async () => setPrepared(await client.prepareSecondFactor()))}
        >
          Set it up
        </Button>
      </div>
    </>
  );
}

function Confirm({ prepared, onCodes }: GetsCodes & { readonly prepared: Prepared }) {
  const queries = useQueryClient();
  const [isBusy, begin] = useDoing();
  const [code, setCode] = useState('');
  const confirm = (event: FormEvent) => {
    event.preventDefault();
    begin(async () => {
      const { recoveryCodes } = await client.confirmSecondFactor({ code: code.trim() });
      onCodes(recoveryCodes);
      await queries.invalidateQueries({ queryKey: meQuery.queryKey });
      tell('The second factor is on.');
    });
  };
  return (
    <form className="stack" onSubmit={confirm}>
      <p>
        1. Give this secret to an authenticator application.{' '}
        <a href={prepared.address}>Open the application on this device</a>
      </p>
      <QrCode label="The secret, for the camera of the device" text={prepared.address} />
      <ShownOnce label="Secret" text={prepared.secret}>
        Whoever has it makes the same codes as your device.
      </ShownOnce>
      <p>2. Type the code that the application shows. Nothing counts before that.</p>
      <div className="form-narrow">
        <CodeField code={code} onChange={setCode} />
        <div className="buttons">
          <Button isPending={isBusy} look="main" type="submit">
            Turn it on
          </Button>
        </div>
      </div>
    </form>
  );
}

function RecoveryCodes({ codes, done }: { readonly codes: readonly string[]; done(): void }) {
  return (
    <div role="status">
      <ShownOnce label="Recovery codes" onKept={done} text={codes.join('\n')}>
        Keep these codes where your device is not. Each takes the place of a code from it, once.
      </ShownOnce>
    </div>
  );
}
