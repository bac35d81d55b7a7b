/**
 * How a field of a message is written and read: its number, its JSON name, a scalar or the name of a message (`apps.v1.Deployment`), and flags:
 * `r` repeated, `m` map from text, `p` pointer in Go (present is set, even to zero), `o` omitempty, `z` omitzero, `i` inline (its fields are the
 * parent's), `u` unwrapped (the message is this list).
 */
export type FieldRow = readonly [number: number, json: string, type: string, flags: string];

/** Written by tools/protobuf.ts. `kinds`: `apps/v1 Deployment` to the name of its message. */
export interface Table {
  readonly kinds: Readonly<Record<string, string>>;
  readonly messages: Readonly<Record<string, readonly FieldRow[]>>;
}
