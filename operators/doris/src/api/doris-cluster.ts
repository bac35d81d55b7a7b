import { resource } from '@binnacle/schema';
import { changeFaults } from './change.ts';
import { faults, idleFaults, newNameFaults } from './check.ts';
import { spec } from './spec.ts';
import { status } from './status.ts';
import { suspendFaults } from './suspend.ts';

/** An Apache Doris cluster: front ends, back ends, compute nodes, brokers. */
export const DorisCluster = resource({
  group: 'al-assad.github.io',
  version: 'v1beta1',
  kind: 'DorisCluster',
  plural: 'dorisclusters',
  shortNames: ['dc'],
  description: 'An Apache Doris cluster: front ends, back ends, compute nodes and brokers.',
  columns: {
    Phase: '.status.phase',
    Ready: '.status.conditions[?(@.type=="Ready")].status',
    FE: { type: 'integer', jsonPath: '.spec.fe.replicas', description: 'Front ends wanted.' },
    BE: { type: 'integer', jsonPath: '.spec.be.replicas', description: 'Back ends wanted.' },
    CN: { type: 'integer', jsonPath: '.spec.cn.replicas', description: 'Compute nodes wanted.' },
    Message: { type: 'string', jsonPath: '.status.lastMessage', priority: 1 },
    Age: { type: 'date', jsonPath: '.metadata.creationTimestamp' },
  },
  spec,
  status,
  check: (now, before) => [
    ...(before === undefined ? newNameFaults(now.metadata?.name ?? '', now.spec) : []),
    ...faults(now.spec, before?.spec),
    ...idleFaults(now.spec),
    ...suspendFaults(now.spec, before?.spec),
    ...changeFaults(now.spec, before?.spec, now.metadata?.annotations),
  ],
});
