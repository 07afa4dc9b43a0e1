/** The tags that a new key or user is limited to; null: none were named. */
export function scopeOf({ tag }: { readonly tag?: readonly string[] }): string[] | null {
  return tag === undefined ? null : [...tag];
}

/** In a table: empty for no limit. */
export function shownScope({ tags }: { readonly tags: readonly string[] | null }): string {
  return tags?.join(' ') ?? '';
}
