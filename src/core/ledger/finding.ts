/** The first thing in a ledger that is not as it was written. */
export interface LedgerFinding {
  readonly kind:
    | 'missing_event'
    | 'altered_event'
    | 'unsealed_event'
    | 'altered_tree'
    | 'contradicts_checkpoint'
    /** What stands in another table is not what the events tell. */
    | 'altered_history';
  /** The event that it is about; undefined where it is about the tree alone. */
  readonly sequence?: number;
  readonly message: string;
}
