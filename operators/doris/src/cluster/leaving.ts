import type { Live } from '@binnacle/client';
import type { StatefulSet } from '@binnacle/client/kinds';
import { LEAVING } from './objects/stateful-set.ts';

/** The back ends whose data we began to move away, as remembered on the StatefulSet. */
export function leavingOf(live: Live<typeof StatefulSet> | undefined): readonly string[] {
  return live?.metadata.annotations?.[LEAVING]?.split(',').filter((address) => address !== '') ?? [];
}
