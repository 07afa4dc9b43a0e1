declare const brand: unique symbol;

/** A value that has passed the parser named by `Name`; nothing else can be assigned to it. */
export type Brand<Value, Name extends string> = Value & { readonly [brand]: Name };
