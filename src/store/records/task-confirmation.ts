import type { TaskWriter } from '#core/ports/store/tasks.ts';
import type { Session } from '../session.ts';

/** Of orders that somebody has to confirm anew, because their endpoints have not had them for long. */
export function confirmationWriter({ db, dialect }: Session): Pick<TaskWriter, 'confirm' | 'awaitConfirmation'> {
  return {
    async confirm(ids, at) {
      const confirmed = await db
        .updateTable('tasks')
        .set({ confirmed_at: at, confirmation_awaited_at: null })
        .where(dialect.among('tasks.id', ids))
        .where('state', 'in', ['pending', 'sent'])
        .where('accepted_at', 'is', null)
        .returning('id')
        .execute();
      return confirmed.map(({ id }) => id);
    },
    async awaitConfirmation(ids, at) {
      const noted = await db
        .updateTable('tasks')
        .set({ confirmation_awaited_at: at })
        .where(dialect.among('tasks.id', ids))
        .where('state', 'in', ['pending', 'sent'])
        .where('accepted_at', 'is', null)
        .where('confirmation_awaited_at', 'is', null)
        .returning('id')
        .execute();
      return noted.map(({ id }) => id);
    },
  };
}
