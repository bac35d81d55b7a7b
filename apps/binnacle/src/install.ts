import type { AnyKind, Api } from '@binnacle/client';
import * as kinds from '@binnacle/client/kinds';
import { rbacOf, webhookManifests } from '@binnacle/runtime';
import type { Operator } from '@binnacle/runtime';
import { crd } from '@binnacle/schema';
import type { Entry } from './operators.ts';

/** Where the operators' ServiceAccounts, Leases and webhooks live. */
export const SYSTEM_NAMESPACE = 'binnacle-system';

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/** CRDs of an operator. */
export function crdManifests(entry: Entry): readonly Manifest[] {
  return entry.resources.map((resource) => crd(resource) as unknown as Manifest);
}

/** Its ServiceAccount and what that may do. */
export function rbacManifests(entry: Entry, operator: Operator): readonly Manifest[] {
  return rbacOf(operator, { namespace: SYSTEM_NAMESPACE, serviceAccount: `${entry.name}-operator` }) as unknown as readonly Manifest[];
}

/** The namespace they live in, held to the strictest Pod Security level. */
export const namespaceManifest: Manifest = Object.freeze({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: SYSTEM_NAMESPACE, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
});

const byKind = new Map(Object.values(kinds as Readonly<Record<string, AnyKind>>).map((kind) => [kind.kind, kind]));

/** Applies all that an operator needs to run, with its webhook or without; doing it again changes nothing. Returns its ServiceAccount's name. */
export async function install(api: Api, entry: Entry, operator: Operator): Promise<string> {
  const webhook = webhookManifests(operator, { namespace: SYSTEM_NAMESPACE, serviceAccount: `${entry.name}-operator` });
  for (const manifest of [namespaceManifest, ...crdManifests(entry), ...rbacManifests(entry, operator), ...webhook]) {
    const kind = byKind.get(manifest.kind);
    if (kind === undefined) throw new Error(`${manifest.kind} is no kind that an installation holds`);
    await api.apply(kind, manifest, { fieldManager: 'binnacle', force: true });
  }
  return `${entry.name}-operator`;
}
