import '../../style/first-steps.css';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useMay } from '../../app/may.ts';
import { saveArchive } from '../../app/save-evidence.ts';
import { Badge } from '../../kit/badge.tsx';
import { Button } from '../../kit/button.tsx';
import { useDoing } from '../../kit/doing.ts';
import { tell } from '../../kit/notices.tsx';
import { PageHead } from '../../kit/page-head.tsx';
import { counted } from '../../words/amounts.ts';
import { EnrolStep } from './enrol-step.tsx';
import { FetchStep } from './fetch-step.tsx';
import { type StepsState, useStepsState } from './steps-state.ts';

/** From an empty server to a first file on one's own disk. Each step is done when the server knows that it is. */
export function FirstStepsPage(): ReactNode {
  const state = useStepsState();
  const done = [isOwn(state), (state.endpoints ?? 0) > 0, (state.files ?? 0) > 0, isFetched(state), isSaved(state)];
  const left = done.filter((isDone) => !isDone).length;
  const at = (index: number) => ({ isDone: done[index] === true, isNext: done.indexOf(false) === index });
  return (
    <>
      <PageHead title="First steps" />
      <p aria-live="polite">
        {left === 0
          ? 'All five are done: a file of one of your machines was fetched, and somebody has it.'
          : `${counted(left, 'step')} to go. Each ticks itself once it is done, whoever does it and wherever.`}
      </p>
      <ol className="steps">
        <Step {...at(0)} title="Make the account yours">
          <OwnAccount state={state} />
        </Step>
        <Step {...at(1)} title="Enrol a machine">
          <EnrolStep endpoints={state.endpoints} />
        </Step>
        <Step {...at(2)} title="See its files">
          <SeenFiles state={state} />
        </Step>
        <Step {...at(3)} title="Fetch a file">
          <FetchStep isReady={(state.files ?? 0) > 0} />
        </Step>
        <Step {...at(4)} title="Download it">
          <SaveStep state={state} />
        </Step>
      </ol>
      <p className="mute">
        What comes next: <Link to="/investigate">look for files</Link> in the whole fleet,{' '}
        <Link to="/actions">see every order</Link> and how it ended.
      </p>
    </>
  );
}

function isOwn({ hasOwnPassword }: StepsState): boolean {
  return hasOwnPassword === true;
}

function isFetched({ fetched }: StepsState): boolean {
  return fetched !== undefined && fetched !== null;
}

function isSaved({ isDownloaded }: StepsState): boolean {
  return isDownloaded === true;
}

interface StepProps {
  readonly title: string;
  readonly isDone: boolean;
  readonly isNext: boolean;
  readonly children: ReactNode;
}

function Step({ title, isDone, isNext, children }: StepProps) {
  return (
    <li aria-current={isNext ? 'step' : undefined} className={`card step${isNext ? ' next' : ''}`}>
      <h2>
        {title} {isDone ? <Badge tone="good">Done</Badge> : <Badge tone={isNext ? 'busy' : 'mute'}>To do</Badge>}
      </h2>
      {children}
    </li>
  );
}

function OwnAccount({ state: { hasOwnPassword, hasSecondFactor } }: { readonly state: StepsState }) {
  return (
    <>
      <p>
        {hasOwnPassword === true
          ? 'Your password is one that you have chosen.'
          : 'Whoever set this server up knows your password: choose one that nobody else has.'}{' '}
        {hasSecondFactor === true
          ? 'A second factor guards it.'
          : 'A second factor, a code from an application on your phone, keeps others out who learn it.'}
      </p>
      <Link className="button plain" params={{ section: 'account' }} to="/settings/$section">
        {hasOwnPassword === true ? 'Your account' : 'Change the password'}
      </Link>
    </>
  );
}

function SeenFiles({ state: { files = 0, endpoints = 0 } }: { readonly state: StepsState }) {
  if (files > 0) {
    return (
      <p>
        Your machines have told of {counted(files, 'file')}. <Link to="/investigate">Look for one</Link> by its name,
        its hash or its machine, or take one below.
      </p>
    );
  }
  return (
    <p role="status">
      {endpoints === 0
        ? 'A machine tells of the files in the directories that were named when it enrolled.'
        : 'The first list of files is on its way. It takes seconds for a few thousand files.'}
    </p>
  );
}

function SaveStep({ state: { fetched, isDownloaded } }: { readonly state: StepsState }) {
  const mayDownload = useMay('evidence.download');
  const [isBusy, begin] = useDoing();
  if (fetched === undefined || fetched === null) {
    return <p>What was fetched is kept, encrypted, on the server. From there you take it to your own disk.</p>;
  }
  if (!mayDownload) {
    return <p>The file is on the server. Your role may not download it.</p>;
  }
  return (
    <>
      <p>
        {isDownloaded === true
          ? 'Somebody has it. Who took it and when stands in the record, for good.'
          : 'The file is here. It may do harm: open it only where it cannot.'}
      </p>
      <div className="buttons">
        <Button isPending={isBusy} look="main" onPress={() => begin(() => save(fetched.id))}>
          Save the archive
        </Button>
        <Link className="button plain" params={{ actionId: fetched.id }} to="/actions/$actionId">
          How it was fetched
        </Link>
      </div>
    </>
  );
}

async function save(actionId: string): Promise<void> {
  tell(await saveArchive(actionId));
}
