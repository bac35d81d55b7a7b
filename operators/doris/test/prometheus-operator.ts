import { CustomResourceDefinition } from '@binnacle/client/kinds';
import type { Subject, World } from '@binnacle/testing';
import { dorisOperator } from '../src/index.ts';
import { PodMonitor, PrometheusRule, ServiceMonitor } from '../src/monitor/objects/pod-monitor.ts';
import { doris } from './subject.ts';

const KINDS = [PodMonitor, ServiceMonitor, PrometheusRule] as const;

/** An operator that found Prometheus Operator's kinds when it started, and what installs them. */
export function withPrometheusOperator(): { readonly subject: Subject; readonly install: (w: World) => Promise<void> } {
  const subject: Subject = { ...doris, create: (parts) => dorisOperator({ ...parts, prometheusOperator: KINDS.map(({ plural }) => plural) }) };
  async function install(w: World): Promise<void> {
    for (const { kind, plural } of KINDS) {
      const names = { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` };
      const schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
      const versions = [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }];
      const definition = {
        metadata: { name: `${plural}.monitoring.coreos.com` },
        spec: { group: 'monitoring.coreos.com', scope: 'Namespaced', names, versions },
      };
      await w.api.apply(CustomResourceDefinition, definition, { fieldManager: 'user', force: true });
    }
  }
  return { subject, install };
}
