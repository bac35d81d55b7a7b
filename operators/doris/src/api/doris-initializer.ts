import { forbidden, k, resource } from '@binnacle/schema';
import type { FieldError } from '@binnacle/schema';
import { z } from 'zod';
import { splitScript } from '../initializer/lexer.ts';
import { newJobNameFaults } from './new-name.ts';
import { amountFaults, claimFaults, labelFaults, nameFaults, pullPolicyFaults, secretKeyFaults } from './words.ts';

const quantities = z.record(z.string(), k.quantity());
const reference = z.object({ name: z.string(), namespace: z.string() });

const spec = z.object({
  cluster: z.string().describe('The DorisCluster, in the same namespace. Empty: nothing is done.'),
  image: z.string().optional().describe('Image with Python and MySQLdb. Default `tnir/mysqlclient:1.4.6`.'),
  imagePullPolicy: z.string().optional().describe('For both containers.'),
  imagePullSecrets: z.array(k.podPart('LocalObjectReference')).optional().describe('For the pod.'),
  maxRetry: k
    .int32()
    .min(0)
    .optional()
    .describe('How often a failed pod is tried again; 6 when absent. Once a statement of the script was refused nothing is tried again.'),
  serviceAccount: z.string().optional().describe('Service account of the pod.'),
  rootPassword: z.string().optional().describe('New password of `root`, in plain text: anybody who may read this object reads it. Better: rootPasswordFrom.'),
  rootPasswordFrom: k.podPart('SecretKeySelector').optional().describe('New password of `root` from a Secret. Wins over rootPassword.'),
  adminPassword: z.string().optional().describe('New password of `admin`, in plain text. Better: adminPasswordFrom.'),
  adminPasswordFrom: k.podPart('SecretKeySelector').optional().describe('New password of `admin` from a Secret. Wins over adminPassword.'),
  initSqlScript: z
    .string()
    .optional()
    .describe(
      'SQL statements separated by `;` (`DELIMITER` lines are understood). They run once: a change after they succeeded runs nothing, see the condition SqlAsWritten. Passwords in it can be read by everybody who may read this object: use initSqlScriptFrom for such.',
    ),
  initSqlScriptFrom: z
    .array(
      k.rule(
        z.object({
          secretKeyRef: k.podPart('SecretKeySelector').optional().describe('A script in a Secret: for those that hold passwords.'),
          configMapKeyRef: k.podPart('ConfigMapKeySelector').optional().describe('A script in a ConfigMap.'),
        }),
        { rule: 'has(self.secretKeyRef) != has(self.configMapKeyRef)', message: 'name a Secret or a ConfigMap, one of both' },
      ),
    )
    .max(64)
    .optional()
    .describe('Scripts that run after `initSqlScript`, in this order.'),
  requests: quantities.optional().describe('Resource requests of the main container, without `storage`.'),
  limits: quantities.optional().describe('Resource limits of the main container, without `storage`.'),
  claims: z
    .array(z.object({ name: z.string() }))
    .optional()
    .describe('Dynamic resource claims of the main container. Refused: its pod declares none.'),
  tolerations: z.array(k.podPart('Toleration')).optional().describe('Of the pod.'),
  nodeSelector: z.record(z.string(), z.string()).optional().describe('Of the pod.'),
});

export const PARTS = ['root', 'admin', 'sql'] as const;
export type Part = (typeof PARTS)[number];

const fingerprints = z.object({
  root: z.string().optional(),
  admin: z.string().optional(),
  sql: z.string().optional(),
  again: z.string().optional().describe('Value of the annotation `al-assad.github.io/run-again`.'),
});

const run = z.object({
  number: k.int32().describe('Counts runs, from 1. The Job carries it in the annotation `al-assad.github.io/run`.'),
  state: z.enum(['Starting', 'Started', 'Succeeded', 'Failed']).describe('Written before the Job is made, so that no crash makes it twice.'),
  parts: z.array(z.enum(PARTS)).describe('What this run does.'),
  wish: fingerprints.describe('Fingerprints of what was written: enough to see a change, not enough to tell a password.'),
  sqlDone: z.string().optional().describe('Fingerprint of the script that ran to its end.'),
  failure: z.string().optional().describe('What its pod said last: which statement failed, and where that is written. None of its text.'),
  clusterId: z.string().optional().describe("Doris' own id of the cluster that it was: under another one nothing has run yet."),
});

// A Job's conditions stand here too in objects of the existing operator, often without reason or message: both stay optional.
const condition = z.object({
  type: z.string(),
  status: z.enum(['True', 'False', 'Unknown']),
  reason: z.string().optional(),
  message: z.string().optional(),
  observedGeneration: k.int64().optional(),
  lastTransitionTime: z.string().optional(),
  lastProbeTime: z.string().optional(),
});

/** DorisInitializer.status: the existing operator's fields with its spelling (spec/doris-operator.md §1.3), and `observedGeneration`, `run`. */
const status = z.object({
  observedGeneration: k.int64().optional().describe('Generation of the spec that the status is about.'),
  conditions: k.listMap(condition, 'type').optional().describe('What is the case now, one entry a type.'),
  LastApplySpecHash: z.string().optional().describe('Hash of the spec for which the Job was last made.'),
  phase: z.enum(['waiting', 'failed', 'applied']).optional().describe('`waiting` until the Job is made, then `applied`; `failed`: see Message.'),
  Message: z.string().optional().describe('What it waits for or failed at.'),
  jobRef: reference.optional(),
  status: z.enum(['pending', 'running', 'completed', 'failed']).optional().describe("The Job's state."),
  startTime: z.string().optional(),
  completionTime: z.string().optional(),
  active: k.int32().optional(),
  succeeded: k.int32().optional(),
  failed: k.int32().optional(),
  ready: k.int32().optional(),
  completedIndexes: z.string().optional(),
  uncountedTerminatedPods: z.object({ succeeded: z.array(z.string()).optional(), failed: z.array(z.string()).optional() }).optional(),
  run: run.optional().describe('What was run: the memory that keeps it from running twice.'),
});

/** Passwords and SQL for a new Doris cluster, brought in once. */
export const DorisInitializer = resource({
  group: 'al-assad.github.io',
  version: 'v1beta1',
  kind: 'DorisInitializer',
  plural: 'dorisinitializers',
  shortNames: ['di'],
  description:
    'Sets passwords and runs SQL on a new DorisCluster, once. It waits until the cluster is Ready. A deleted Job does not run again; a changed password is set; ' +
    'a script that succeeded never runs again, unless the annotation `al-assad.github.io/run-again` gets a new value, which runs everything that is written.',
  columns: {
    Cluster: '.spec.cluster',
    Phase: '.status.phase',
    Status: '.status.status',
    Ready: '.status.conditions[?(@.type=="Ready")].status',
    Message: { type: 'string', jsonPath: '.status.Message', priority: 1 },
    Age: { type: 'date', jsonPath: '.metadata.creationTimestamp' },
  },
  spec,
  status,
  *check({ metadata, spec: now }, before) {
    if (before === undefined) yield* newJobNameFaults(metadata?.name ?? '', 'initializer');
    yield* initializerFaults(now);
    yield* claimFaults('spec', now);
    const script = splitScript(now.initSqlScript ?? '');
    // Without its text, which may hold passwords.
    if (script.type === 'fault')
      yield { reason: 'FieldValueInvalid', field: 'spec.initSqlScript', message: `Invalid value: line ${script.line}: ${script.what}` };
    // What ran is remembered of the one cluster, and would be taken for done in the other.
    if (before !== undefined && before.spec.cluster !== '' && before.spec.cluster !== now.cluster)
      yield forbidden('spec.cluster', `fixed, at ${before.spec.cluster}: another cluster takes another DorisInitializer`);
  },
});

/** What no Job could be made with. */
export function* initializerFaults(now: InitializerSpec): Generator<FieldError> {
  yield* nameFaults('spec.cluster', now.cluster);
  yield* pullPolicyFaults('spec.imagePullPolicy', now.imagePullPolicy);
  for (const [index, { name }] of (now.imagePullSecrets ?? []).entries()) yield* nameFaults(`spec.imagePullSecrets[${index}].name`, name);
  yield* nameFaults('spec.serviceAccount', now.serviceAccount);
  yield* labelFaults('spec.nodeSelector', now.nodeSelector);
  yield* amountFaults('spec', now);
  for (const name of ['rootPasswordFrom', 'adminPasswordFrom'] as const) yield* secretKeyFaults(`spec.${name}`, now[name]);
}

export type InitializerSpec = z.output<typeof spec>;
export type InitializerStatus = z.output<typeof status>;
export type Run = z.output<typeof run>;
export type Fingerprints = z.output<typeof fingerprints>;
