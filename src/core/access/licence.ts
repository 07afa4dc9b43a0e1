/** The licences that the two vendors' pages name; an installation has some or all (`CUSTODY_LICENSE`). */
export const licences = [
  'prevent',
  'pro_per_endpoint',
  'pro_per_gb',
  'host_insights',
  'investigation',
  'dfir',
] as const;

export type Licence = (typeof licences)[number];

/** An operation needs any one of these; an empty list needs none. */
export type LicenceDemand = readonly Licence[];

export function satisfies(held: readonly Licence[], demand: LicenceDemand): boolean {
  return demand.length === 0 || demand.some((licence) => held.includes(licence));
}
