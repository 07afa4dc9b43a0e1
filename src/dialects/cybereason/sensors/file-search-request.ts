import { type FileCondition, splitFileFilters } from './file-conditions.ts';
import { demandObject } from './list-request.ts';
import { type FieldFilter, readFilters, wrong } from './sensor-filter.ts';
import { type NamedSensors, readNamedSensors } from './targets.ts';

export interface FileSearchRequest {
  readonly named: NamedSensors;
  readonly conditions: readonly FileCondition[];
  /** As they were asked for. */
  readonly fileFilters: readonly FieldFilter[];
}

/**
 * The body of a file search: sensor filters, of which none means every sensor, and file filters, of which there must be one.
 * @throws Fault `invalid_request`, also for a YARA rule: no agent has an engine for one.
 */
export function readFileSearch(body: unknown): FileSearchRequest {
  const fields = demandObject(body);
  for (const [name, value] of Object.entries(fields)) {
    if (/yara/i.test(name) && value !== null && value !== '' && value !== false) {
      throw wrong(
        name,
        'No agent can search with YARA rules: leave the rule out, and search by name, folder, size, time or hash.',
      );
    }
  }
  const fileFilters = readFilters(fields['fileFilters'], 'fileFilters');
  const { files, machines } = splitFileFilters(fileFilters);
  if (files.length === 0) {
    throw wrong('fileFilters', 'fileFilters must hold at least one condition on files.');
  }
  const named = readNamedSensors(fields);
  return { named: { ...named, filters: [...named.filters, ...machines] }, conditions: files, fileFilters };
}
