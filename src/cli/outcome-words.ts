import type { ActionWithTasks } from '#sdk/wait-for-action.ts';

type FileOutcome = ActionWithTasks['tasks'][number]['files'][number];

/** Why a file's task ended as it did, and what else there is to know of it, on one line. */
export function whyText(file: FileOutcome): string {
  const why = [file.reason, file.message].filter(Boolean).join(': ');
  const losses = file.losses.length === 0 ? [] : [`not exactly as it was: ${file.losses.join(', ')}`];
  const more = [...detailWords(file), ...losses];
  return [more.length === 0 ? why : why.replace(/\.$/, ''), ...more].filter(Boolean).join('; ');
}

function detailWords({ details, sha256, message }: FileOutcome): readonly string[] {
  const { links, running, indexedSha256, fromVault, originalPath, displaced, rule } = details;
  return [
    rule === undefined || message?.includes(rule) ? '' : `rule ${rule}`,
    details.package === undefined ? '' : `belongs to the package ${details.package}`,
    links === undefined ? '' : `has ${links} names on its file system`,
    running === undefined || running.length === 0 ? '' : `still run by ${running.map(({ pid }) => pid).join(', ')}`,
    indexedSha256 === undefined ? '' : `SHA-256 is ${sha256 ?? 'unknown'} now, was ${indexedSha256} in the index`,
    fromVault === undefined ? '' : `out of the vault, object ${fromVault}`,
    originalPath === undefined ? '' : `was ${originalPath}`,
    displaced === undefined ? '' : `what stood there is in the vault, object ${displaced}`,
  ].filter(Boolean);
}
