import { z } from 'zod';
import type { GuardedOperation } from '../../dialect.ts';
import { reply } from '../answer.ts';
import { type Condition, demandOperator, filtersSchema, texts } from '../filters.ts';
import { scriptLicence } from '../licences.ts';
import { callPaths } from '../paths.ts';
import { readOptionalBody } from '../read-body.ts';
import { readFields, wrongField } from '../read-fields.ts';
import { allScripts, type LibraryScript, scriptItem } from '../scripts/library.ts';

/** One client says "no filter" by a list of the word `all`. */
const all = z.preprocess((value) => (isAll(value) ? [] : value), filtersSchema.nullish());

const fields = z.object({ filters: all });

type Shown = ReturnType<typeof scriptItem>;

const filterable = ['name', 'description', 'created_by', 'script_uid'] as const;
const flags = ['windows_supported', 'linux_supported', 'macos_supported', 'is_high_risk'] as const;

/** Get Scripts: the scripts that this server carries out. */
export const getScripts: GuardedOperation = {
  method: 'POST',
  paths: callPaths('scripts/get_scripts'),
  access: { permission: 'actions.read', licence: scriptLicence },
  async run({ request }) {
    const { filters } = readFields(fields, (await readOptionalBody(request)).data);
    const scripts = allScripts
      .map((script: LibraryScript) => scriptItem(script))
      .filter((item) => (filters ?? []).every((condition) => fits(item, condition)));
    return reply({ total_count: scripts.length, result_count: scripts.length, scripts });
  },
};

function isAll(value: unknown): boolean {
  return value === 'all' || (Array.isArray(value) && value.length === 1 && value[0] === 'all');
}

function fits(item: Shown, condition: Condition): boolean {
  const { field, operator, values } = condition;
  const value = item[field];
  if (flags.some((flag) => flag === field)) {
    demandOperator(condition, ['in', 'eq']);
    return values.some((each) => (typeof each === 'string' ? each.toLowerCase() === String(value) : each === value));
  }
  if (!filterable.some((name) => name === field)) {
    throw wrongField(
      'filters',
      `the field ${field} is not supported here; use ${[...filterable, ...flags].join(', ')}`,
    );
  }
  demandOperator(condition, ['in', 'eq', 'contains']);
  const text = String(value).toLowerCase();
  const asked = texts(condition).map((each) => each.toLowerCase());
  return asked.some((each) => (operator === 'contains' ? text.includes(each) : text === each));
}
