/** What Custody says of an incident, as clients of the vendor know it. Names that merely hold the word stay as they are. */
export function inVendorWords(message: string): string {
  return message
    .replaceAll(/\ban incident \(MalOp\)/g, 'a MalOp')
    .replaceAll(/\b([Tt]he|no|of the) incident\b(?!-)/g, '$1 MalOp');
}
