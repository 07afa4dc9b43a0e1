import type { Json } from '#core/custody/event.ts';
import type { SettingReader, SettingWriter } from '#core/ports/store/settings.ts';
import { canonicalJson } from '../json/canonical-json.ts';
import type { SettingRow } from '../schema.ts';
import type { Session } from '../session.ts';
import { keptQuery } from '../sql/kept-query.ts';

const settingByName = keptQuery(({ db }, { name }: Pick<SettingRow, 'name'>) =>
  db.selectFrom('settings').select('value_json').where('name', '=', name),
);

export function settingReader(session: Session): SettingReader {
  return {
    async byName(name) {
      const row = await settingByName.first(session, { name });
      return row === undefined ? undefined : readJson(row.value_json);
    },
  };
}

export function settingWriter(session: Session): SettingWriter {
  return {
    ...settingReader(session),
    async put(name, value) {
      const row = { value_json: canonicalJson(value) };
      await session.db
        .insertInto('settings')
        .values({ name, ...row })
        .onConflict((conflict) => conflict.column('name').doUpdateSet(row))
        .execute();
    },
  };
}

/** Whatever JSON.parse returns is made of JSON values only. */
function readJson(text: string): Json {
  return JSON.parse(text) as Json;
}
