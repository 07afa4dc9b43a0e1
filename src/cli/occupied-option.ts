import { Option } from 'commander';
import { choices } from '#sdk/choices.ts';

type OccupiedPolicy = (typeof choices.occupiedPolicies)[number];

/** As people write them, with hyphens. */
const occupiedWords = new Map<string, OccupiedPolicy>(
  choices.occupiedPolicies.map((policy) => [policy.replaceAll('_', '-'), policy]),
);

/** `--if-occupied`, of every command that puts files back. */
export function occupiedOption(): Option {
  return new Option('--if-occupied <HOW>', 'when something has its name: do nothing, restore beside it, or vault that')
    .choices([...occupiedWords.keys()])
    .default('fail');
}

export function occupiedPolicyOf({ ifOccupied }: { readonly ifOccupied: string }): OccupiedPolicy | undefined {
  return occupiedWords.get(ifOccupied);
}
