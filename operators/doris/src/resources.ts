import type { Container } from '@binnacle/client/kinds';
import { given } from './given.ts';

type Amounts = Readonly<Record<string, string | number>> | undefined;

/** A container's resources without storage, which sizes the volume where there is one. */
export function resourcesOf(
  part: { readonly requests?: Amounts; readonly limits?: Amounts; readonly claims?: readonly { readonly name: string }[] | undefined } | undefined,
): Pick<Container, 'resources'> {
  const without = (amounts: Amounts) => {
    const kept = Object.entries(amounts ?? {}).filter(([name]) => name !== 'storage');
    return kept.length === 0 ? undefined : Object.fromEntries(kept.map(([name, amount]) => [name, String(amount)]));
  };
  const resources = given({ requests: without(part?.requests), limits: without(part?.limits), claims: part?.claims });
  return Object.keys(resources).length === 0 ? {} : { resources };
}
