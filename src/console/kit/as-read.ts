import type { UseQueryResult } from '@tanstack/react-query';
import { useState } from 'react';

/** What a dialog asks about, as the person reads it: it stays so, whatever comes from the server meanwhile. */
export interface AsRead<Subject> {
  /** Undefined: it is not known yet. */
  readonly asked: Subject | undefined;
  /** Whether it is another one by now. */
  readonly hasChanged: boolean;
  /** Shows it as it is now. */
  lookAgain(): void;
  /** Finds out how it is now, after the server has refused what was asked. */
  refresh(): void;
}

interface Latest<Subject> {
  readonly isOpen: boolean;
  readonly subject: Subject | undefined;
  /** False: it is being asked for anew, so that a dialog that opens waits for it. */
  readonly isCurrent?: boolean;
  /** What makes it another one. Default: nothing; whatever was read is exactly what is ordered. */
  readonly markOf?: (subject: Subject) => string;
  readonly refresh?: () => void;
}

interface Kept<Subject> {
  readonly isOpen: boolean;
  readonly asked: Subject | undefined;
}

/** Keeps what a dialog is about as it was when it opened or, where it came later, when it came. */
export function useAsRead<Subject>(latest: Latest<Subject>): AsRead<Subject> {
  const { isOpen, subject, isCurrent = true, markOf = () => '', refresh = () => undefined } = latest;
  const [kept, setKept] = useState<Kept<Subject>>({ isOpen: false, asked: undefined });
  const asked = isCurrent ? subject : undefined;
  if (isOpen !== kept.isOpen) {
    setKept({ isOpen, asked: isOpen ? asked : kept.asked });
  } else if (isOpen && kept.asked === undefined && asked !== undefined) {
    setKept({ isOpen, asked });
  }
  return {
    asked: kept.asked,
    hasChanged: isOpen && kept.asked !== undefined && subject !== undefined && markOf(kept.asked) !== markOf(subject),
    lookAgain: () => setKept({ isOpen, asked }),
    refresh,
  };
}

/** As `useAsRead`, of the answer to a question that is asked while the dialog is open. */
export function useAnswerAsRead<Answer>(
  query: UseQueryResult<Answer, Error>,
  { isOpen, markOf }: { readonly isOpen: boolean; markOf(answer: Answer): string },
): AsRead<Answer> {
  return useAsRead({
    ...{ isOpen, markOf, subject: query.data },
    isCurrent: query.isSuccess && !query.isFetching,
    refresh: () => void query.refetch(),
  });
}
