import { createDecoder } from './decode.ts';
import type { Decode } from './decode.ts';
import file from './table.gen.json' with { type: 'json' };
import type { Table } from './table.ts';

let decoder: Decode | undefined;

/**
 * A body in `application/vnd.kubernetes.protobuf` as plain JSON, as `createDecoder` says. The built-in kinds' table is indexed at the first call.
 * @throws {Refusal} 400, 415
 */
export function decodeProtobuf(body: Uint8Array): Readonly<Record<string, unknown>> {
  // Sound: tools/protobuf.ts wrote the file from a Table; JSON imports know no tuples.
  decoder ??= createDecoder(file as unknown as Table);
  return decoder(body);
}
