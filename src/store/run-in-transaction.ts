import type { Backend, BackendTransaction, Failure, TransactionMode } from './backend.ts';
import { type Deadline, timeoutFault } from './deadline.ts';
import { Session } from './session.ts';

export interface TransactionSettings {
  readonly mode: TransactionMode;
  readonly deadline: Deadline;
}

/** Runs `work` in a transaction of its own, again and again while the database asks for that and time is left. */
export async function runInTransaction<Result>(
  backend: Backend,
  settings: TransactionSettings,
  work: (session: Session) => Promise<Result>,
): Promise<Result> {
  for (;;) {
    const attempt = await attemptOnce(backend, settings, work);
    if ('result' in attempt) {
      return attempt.result;
    }
    if (!attempt.retry) {
      throw attempt.error;
    }
    if (settings.deadline.passed) {
      throw timeoutFault(attempt.error);
    }
  }
}

type Attempt<Result> = { readonly result: Result } | { readonly error: unknown; readonly retry: boolean };

async function attemptOnce<Result>(
  backend: Backend,
  { mode, deadline }: TransactionSettings,
  work: (session: Session) => Promise<Result>,
): Promise<Attempt<Result>> {
  const transaction = await begin(backend, mode, deadline);
  const session = new Session(backend, transaction);
  try {
    const result = await deadline.race(work(session));
    const failure = session.failure ?? (await end(backend, transaction, { mode, deadline }));
    if (failure === undefined) {
      return { result };
    }
    await giveUp(transaction, deadline);
    return { error: failure.fault, retry: failure.retry };
  } catch (error) {
    await giveUp(transaction, deadline);
    return { error, retry: session.failure?.retry === true };
  } finally {
    session.end();
  }
}

async function begin(backend: Backend, mode: TransactionMode, deadline: Deadline): Promise<BackendTransaction> {
  const beginning = backend.begin(mode, deadline);
  try {
    return await deadline.race(beginning);
  } catch (error) {
    // A connection that comes after the deadline goes back unused; one that never comes has been told of already.
    beginning.then(
      (late) => late.rollback(),
      () => undefined,
    );
    throw backend.explain(error).fault;
  }
}

async function end(
  backend: Backend,
  transaction: BackendTransaction,
  { mode, deadline }: TransactionSettings,
): Promise<Failure | undefined> {
  if (mode === 'read' || mode === 'search') {
    // Nothing to keep, so nobody need wait for the end of the snapshot.
    void transaction.rollback();
    return undefined;
  }
  try {
    await commit(transaction, deadline);
    return undefined;
  } catch (error) {
    return backend.explain(error);
  }
}

/**
 * Once the database decides on a commit, the deadline no longer counts: a `timeout` promises that nothing was
 * changed, so only the database's own answer may be told.
 */
async function commit(transaction: BackendTransaction, deadline: Deadline): Promise<void> {
  if (deadline.passed) {
    throw timeoutFault();
  }
  const committing = transaction.commit();
  try {
    await deadline.race(committing);
  } catch (error) {
    if (!deadline.passed || transaction.abandon()) {
      throw error;
    }
    await committing;
  }
}

async function giveUp(transaction: BackendTransaction, deadline: Deadline): Promise<void> {
  // The caller learns of the error that led here; a rollback that outlasts the deadline goes on by itself.
  await deadline.race(transaction.rollback()).catch(() => undefined);
}
