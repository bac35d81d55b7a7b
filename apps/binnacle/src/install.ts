import type { AnyKind, Api } from '@binnacle/client';
import * as kinds from '@binnacle/client/kinds';
import { partOf, rbacOf, webhookManifests } from '@binnacle/runtime';
import type { Operator, OperatorPart } from '@binnacle/runtime';
import { crd } from '@binnacle/schema';
import type { Entry } from './entries/entry.ts';

/** Where the operators' ServiceAccounts, Leases and webhooks live, unless told otherwise. */
export const SYSTEM_NAMESPACE = 'binnacle-system';

/** An object of an installation. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/** CRDs of an operator. */
export function crdManifests(entry: Entry): readonly Manifest[] {
  return entry.resources.map((resource) => crd(resource) as unknown as Manifest);
}

/** Its ServiceAccount and what that may do: in all namespaces, or in these. */
export function rbacManifests(
  entry: Entry,
  operator: Operator,
  {
    namespace = SYSTEM_NAMESPACE,
    part,
    namespaces,
  }: { readonly namespace?: string; readonly part?: OperatorPart; readonly namespaces?: readonly string[] } = {},
): readonly Manifest[] {
  const own = part === undefined ? operator : partOf(operator, part);
  return rbacOf(own, {
    namespace,
    serviceAccount: accountOf(entry, part),
    ...(namespaces === undefined ? {} : { namespaces }),
  }) as unknown as readonly Manifest[];
}

/** What its webhook is announced in, and the right to do that. */
export function webhookManifestsOf(entry: Entry, operator: Operator, namespace: string = SYSTEM_NAMESPACE, part?: OperatorPart): readonly Manifest[] {
  return webhookManifests(operator, { namespace, serviceAccount: accountOf(entry, part) });
}

/** Name of the Service through which the API server reaches the webhook. */
export function webhookServiceOf(entry: Entry): string {
  return `${accountOf(entry)}-webhook`;
}

/** The namespace they live in, held to the strictest Pod Security level. */
export function namespaceManifest(name: string = SYSTEM_NAMESPACE): Manifest {
  const metadata = { name, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } };
  return { apiVersion: 'v1', kind: 'Namespace', metadata };
}

/** Name of its ServiceAccount, and of all that runs it in a cluster; of a part that runs alone, that part's. */
export function accountOf(entry: Entry, part?: OperatorPart): string {
  return `${entry.name}-${part ?? 'operator'}`;
}

const byKind = new Map(Object.values(kinds as Readonly<Record<string, AnyKind>>).map((kind) => [kind.kind, kind]));

/** Applies all that an operator needs to run, with its webhook or without; doing it again changes nothing. Returns its ServiceAccount's name. */
export async function install(api: Api, entry: Entry, operator: Operator): Promise<string> {
  for (const manifest of [namespaceManifest(), ...crdManifests(entry), ...rbacManifests(entry, operator), ...webhookManifestsOf(entry, operator)]) {
    const kind = byKind.get(manifest.kind);
    if (kind === undefined) throw new Error(`${manifest.kind} is no kind that an installation holds`);
    await api.apply(kind, manifest, { fieldManager: 'binnacle', force: true });
  }
  return accountOf(entry);
}
