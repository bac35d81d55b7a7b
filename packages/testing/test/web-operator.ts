import { Deployment, Secret, Service } from '@binnacle/client/kinds';
import { controller, done, operator, step, waitFor, watch } from '@binnacle/runtime';
import { k, resource } from '@binnacle/schema';
import { z } from 'zod';

export const Web = resource({
  group: 'web.example.com', version: 'v1', kind: 'Web', plural: 'webs', shortNames: ['web'], description: 'A web server.',
  columns: { Ready: '.status.ready', URL: '.status.url' },
  spec: z.object({
    image: z.string().min(1).describe('Image to run.'),
    replicas: k.int32().min(0).max(50).default(2).describe('Pods.'),
    envFrom: z.string().optional().describe('Secret whose keys become environment.'),
  }),
  status: z.object({ ready: k.int32().optional(), url: z.string().optional(), conditions: k.conditions() }),
});

const deployment = step('deployment', Web, { owns: [Deployment], reads: [Secret] }, async (web, cx) => {
  const { image, replicas, envFrom } = web.spec;
  if (envFrom !== undefined && (await cx.get(Secret, envFrom)) === undefined) return waitFor('SecretMissing', `spec.envFrom: there is no Secret ${envFrom}`);
  const labels = { app: web.metadata.name };
  const container = { name: 'web', image, ...(envFrom === undefined ? {} : { envFrom: [{ secretRef: { name: envFrom } }] }) };
  const applied = await cx.apply(Deployment, {
    name: web.metadata.name, labels,
    spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [container] } } },
  });
  const ready = applied.status?.readyReplicas ?? 0;
  cx.status({ ready });
  return ready === replicas ? done : waitFor('Rolling', `${ready} of ${replicas} pods are ready`);
});

const service = step('service', Web, { owns: [Service] }, async (web, cx) => {
  await cx.apply(Service, { name: web.metadata.name, spec: { selector: { app: web.metadata.name }, ports: [{ port: 80 }] } });
  cx.status({ url: `http://${web.metadata.name}.${web.metadata.namespace}.svc` });
  return done;
});

const secretsOf = watch(Secret, ({ metadata: { namespace, name } }) => (name.endsWith('-env') ? [{ namespace, name: name.slice(0, -4) }] : []));
export const webOperator = () => operator({ name: 'web', controllers: [controller(Web, { steps: [service, deployment], watches: [secretsOf] })] });
