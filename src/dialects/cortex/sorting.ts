import { z } from 'zod';

export interface Sorting<Field extends string> {
  readonly field: Field;
  readonly direction: 'ascending' | 'descending';
}

/** `sort` as every listing has it, by one of these fields. The vendor's page says upper case and shows lower case. */
export function sortingBy<const Field extends string>(fields: readonly Field[]) {
  return z
    .object(
      {
        field: z.enum(fields, `must be one of ${fields.join(', ')}`),
        keyword: z
          .string('must be a string')
          .toLowerCase()
          .pipe(z.enum(['asc', 'desc'], 'must be asc or desc'))
          .nullish(),
      },
      'must be an object with field and keyword',
    )
    .transform(
      ({ field, keyword }): Sorting<Field> => ({
        field: field as Field,
        direction: keyword === 'desc' ? 'descending' : 'ascending',
      }),
    );
}
