import { Fault } from '#core/fault.ts';
import type { Limit, Reader, Transaction } from '#core/ports/store/store.ts';
import { readerOf, transactionOf } from '../records/all.ts';
import type { Session } from '../session.ts';
import { demandSeen } from './demand-seen.ts';
import { narrowed } from './prefix.ts';
import { type WriteRule, writeRules } from './write-rules.ts';

export function narrowedReaderOf(session: Session, limit: Limit): Reader {
  return asSeen(
    session,
    session.through((statement) => narrowed(session.dialect, limit, statement)),
  );
}

/** Reads what is seen; writes, having been held to the limit, find their places among all rows. */
export function narrowedTransactionOf(session: Session, limit: Limit): Transaction {
  const seen = session.through((statement) => narrowed(session.dialect, limit, statement));
  const reader = asSeen(session, seen);
  const writer = transactionOf(session);
  const rooms = Object.entries(writeRules).map(([name, rules]) => {
    const room = name as keyof Transaction;
    const writes = Object.entries(rules as WriteRules).map(([write, rule]) => [
      write,
      held(seen, rule, Reflect.get(writer[room], write)),
    ]);
    return [room, { ...reader[room], ...Object.fromEntries(writes) }];
  });
  // `writeRules` is total over the rooms and their writes, and the reader over the rest.
  return Object.fromEntries(rooms) as Transaction;
}

/** What is read of the whole all the same, and why that tells nothing. */
function asSeen(whole: Session, seen: Session): Reader {
  const all = readerOf(whole);
  const reader = readerOf(seen);
  return {
    ...reader,
    // The digest of what the caller says is compared, so that an alert which was told before is not told twice.
    alerts: { ...reader.alerts, knownFingerprints: all.alerts.knownFingerprints },
    // It names the installation, and is of nothing else.
    events: { ...reader.events, first: all.events.first },
  };
}

/** As they are when nobody knows which write they are for. */
type WriteRules = Readonly<Record<string, WriteRule<readonly unknown[]>>>;

type Write = (...given: readonly unknown[]) => Promise<unknown>;

function held(seen: Session, rule: WriteRule<readonly unknown[]>, write: Write): Write {
  if ('isFree' in rule) {
    return write;
  }
  return async (...given) => {
    if ('isRefused' in rule) {
      throw new Fault(
        'permission_denied',
        `You are limited to some endpoints, and may not change ${rule.isRefused}: use a key or user without a limit.`,
      );
    }
    await demandSeen(seen, rule.about(...given));
    return write(...given);
  };
}
