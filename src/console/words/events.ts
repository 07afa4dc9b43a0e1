/** Of the type of an event: "approval_given" reads "Approval given". Types are closed and say what they mean. */
export function eventWords(type: string): string {
  const words = type.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
