import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ApiError } from '#sdk/api-error.ts';
import { Button } from './button.tsx';
import { ShownText } from './shown-text.tsx';

export function Loading({ what }: { readonly what: string }) {
  return (
    <div className="state" role="status">
      <span aria-hidden="true" className="spinner" /> Loading {what} …
    </div>
  );
}

/** Nothing is there, and what can be done about it. */
export function Empty({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  return (
    <div className="state empty">
      <p className="state-title">{title}</p>
      {children}
    </div>
  );
}

export interface FailedProps {
  readonly failure: Error;
  readonly what: string;
  again(): void;
}

/** Whatever kept a part of a page from being shown, in words, with what can be done. */
export function Failed({ failure, what, again }: FailedProps) {
  const code = failure instanceof ApiError ? failure.code : 'internal';
  if (code === 'permission_denied') {
    return (
      <Empty title={`You may not see ${what}.`}>
        <ShownText text={failure.message} />
      </Empty>
    );
  }
  const title = code === 'unreachable' ? 'The server cannot be reached.' : `${capital(what)} could not be loaded.`;
  return (
    <div className="state failed" role="alert">
      <p className="state-title">{title}</p>
      <p>
        <ShownText text={failure.message} />
      </p>
      <Button onPress={again}>Try again</Button>
    </div>
  );
}

interface AnsweredProps<Data> {
  readonly query: UseQueryResult<Data, Error>;
  /** What is asked for, as it stands in a sentence: "the endpoints". */
  readonly what: string;
  children(data: Data): ReactNode;
}

/** The answer to a question, or how far it is. An answer that is there stays while it is asked for anew. */
export function Answered<Data>({ query, what, children }: AnsweredProps<Data>) {
  if (query.data !== undefined) {
    return children(query.data);
  }
  if (query.error !== null) {
    return <Failed again={() => void query.refetch()} failure={query.error} what={what} />;
  }
  return <Loading what={what} />;
}

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
