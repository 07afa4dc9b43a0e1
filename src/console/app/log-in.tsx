import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { ApiError } from '#sdk/api-error.ts';
import { openBrowserSession } from '#sdk/open-browser-session.ts';
import { Button } from '../kit/button.tsx';
import { TextField } from '../kit/fields.tsx';
import { NewPasswordField } from '../kit/new-password-field.tsx';
import { client, send } from './client.ts';
import { forgetAnswers } from './forget-person.ts';

/** What the server still asks for, after the address and the password. */
type Step = 'password' | 'second_factor' | 'new_password';

const route = getRouteApi('/log-in');

const nothingTyped = { email: '', password: '', code: '', newPassword: '' };

type Given = Readonly<typeof nothingTyped>;

function whatOf(failure: unknown): unknown {
  return failure instanceof ApiError ? failure.details['what'] : undefined;
}

/** What an answer of the server says is still missing; undefined: it is a refusal. */
function stepOf(failure: unknown): Step | undefined {
  const what = whatOf(failure);
  return what === 'second_factor' || what === 'new_password' ? what : undefined;
}

/** A wrong code is asked for again, and a new password that will not do; everything begins anew where the old one was wrong. */
function stepAfter(failure: unknown, step: Step): Step {
  const isPasswordWrong = failure instanceof ApiError && failure.status === 401 && whatOf(failure) !== 'code';
  return isPasswordWrong ? 'password' : step;
}

/** What stays in the form: a new password takes effect with the code alone, and so is sent with it again. */
function leftOf(given: Given, step: Step): Given {
  return step === 'password' ? { ...given, code: '', newPassword: '' } : { ...given, code: '' };
}

export function LogInPage() {
  const { to } = route.useSearch();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const { data: ways } = useQuery({ queryKey: ['log-in-ways'], queryFn: () => client.readLogInWays() });
  const [step, setStep] = useState<Step>('password');
  const [refusal, setRefusal] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const [given, setGiven] = useState(nothingTyped);
  const set = (name: keyof typeof given) => (value: string) => setGiven({ ...given, [name]: value });
  const logIn = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setRefusal(undefined);
    try {
      const { email, password, code, newPassword } = given;
      await openBrowserSession(send, {
        ...{ email, password },
        ...(code !== '' && { code: code.trim() }),
        ...(newPassword !== '' && { newPassword }),
      });
      forgetAnswers(queries);
      await navigate({ to });
    } catch (failure) {
      const next = stepOf(failure);
      setRefusal(next === undefined || next === step ? messageOf(failure) : undefined);
      const then = next ?? stepAfter(failure, step);
      setStep(then);
      setGiven(leftOf(given, then));
    } finally {
      setBusy(false);
    }
  };
  return (
    <main className="log-in">
      <form className="card" onSubmit={(event) => void logIn(event)}>
        <h1>
          <img alt="" height="32" src="/console/mark.svg" width="32" /> Custody
        </h1>
        <TextField
          autoComplete="username"
          autoFocus
          isRequired
          label="E-mail address"
          onChange={set('email')}
          type="email"
          value={given.email}
        />
        <TextField
          autoComplete="current-password"
          isRequired
          label="Password"
          onChange={set('password')}
          type="password"
          value={given.password}
        />
        {step === 'second_factor' && (
          <TextField
            autoComplete="one-time-code"
            autoFocus
            help="From your authenticator, or one of your recovery codes."
            isRequired
            label="Code"
            onChange={set('code')}
            value={given.code}
          />
        )}
        {step === 'new_password' && (
          <NewPasswordField
            autoFocus
            help="Your password has to be changed before you go on."
            label="New password"
            onChange={set('newPassword')}
            value={given.newPassword}
          />
        )}
        {refusal !== undefined && (
          <p className="field-error" role="alert">
            {refusal}
          </p>
        )}
        <Button isPending={isBusy} look="main" type="submit">
          Log in
        </Button>
        {ways?.provider && (
          <a
            className="button plain"
            href={`${ways.provider.address}?${new URLSearchParams({ returnTo: `/console${to}` })}`}
          >
            Log in with {ways.provider.name}
          </a>
        )}
      </form>
    </main>
  );
}

function messageOf(failure: unknown): string {
  return failure instanceof Error ? failure.message : String(failure);
}
