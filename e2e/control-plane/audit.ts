import { stringify } from 'yaml';

/** Every request of those who are not part of the control plane, when it is answered, without bodies. */
export const auditPolicy: string = stringify({
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [{ level: 'None', userGroups: ['system:masters', 'system:authenticated'], users: ['system:apiserver'] }, { level: 'Metadata' }],
});
