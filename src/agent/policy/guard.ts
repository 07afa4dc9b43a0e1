import type { FilePath } from '#core/file/file-path.ts';
import type { Order } from '#wire/order.ts';
import type { ReportedFile } from '#wire/report.ts';
import { type Ending, ending } from '../operations/ending.ts';
import { forEveryFile } from '../tasks/order-endings.ts';
import { denial, type EndpointPolicy, ruleAgainst } from './policy.ts';

/**
 * Asks the endpoint's own policy before an order begins. The children ask it again where a path turns out to be another
 * one, or a file too large.
 * @returns the endings of what it denies: of every file, of some files of a fetch, or none.
 */
export function deniedAtTheDoor(policy: EndpointPolicy, order: Order): readonly ReportedFile[] {
  const { parameters } = order;
  if (parameters.verb === 'fetch') {
    return deniedFiles(policy, parameters.files);
  }
  const rule = pathsOf(parameters)
    .map((path) => ruleAgainst(policy, { verb: parameters.verb, path }))
    .find((each) => each !== undefined);
  return rule === undefined ? [] : forEveryFile(order, denied(rule));
}

/** The ending of whatever a rule denies. */
export function denied(rule: string): Pick<Ending, 'outcome' | 'reason' | 'message' | 'details'> {
  return { outcome: 'refused', reason: 'denied_by_policy', message: denial(rule), details: { rule } };
}

function deniedFiles(policy: EndpointPolicy, files: readonly { readonly path: FilePath }[]): readonly ReportedFile[] {
  return files.flatMap(({ path }, ordinal) => {
    const rule = ruleAgainst(policy, { verb: 'fetch', path });
    return rule === undefined ? [] : [{ ...ending({ ...denied(rule), path }), ordinal }];
  });
}

/** Every path that an order names; one null where it names none. */
function pathsOf(parameters: Exclude<Order['parameters'], { verb: 'fetch' }>): readonly (FilePath | null)[] {
  switch (parameters.verb) {
    case 'quarantine':
      return [parameters.path];
    case 'restore':
      return [parameters.to];
    case 'restore_objects':
    case 'undo':
    case 'purge':
    case 'logs':
    case 'scan':
      return [null];
    // What is denied is a finding, object by object.
    case 'plan':
      return [];
    case 'search':
      return [parameters.under, parameters.pattern.by === 'path' ? parameters.pattern.path : null];
  }
}
