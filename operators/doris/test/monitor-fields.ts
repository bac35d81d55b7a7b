/** A part of a spec, laid over the plain one; `undefined` takes a field out. */
export type Part = Readonly<Record<string, unknown>>;

/** A story of a field: without it, with it, with another value; and which objects it changes. */
export interface Row {
  readonly without: Part;
  readonly on: Part;
  readonly other: Part;
  /** `StatefulSet prometheus`: the name without the monitor's. */
  readonly changes: readonly string[];
}

const stored = { image: '', requests: { storage: '1Gi' } };
/** A monitor with each of its pods, and nothing else said. */
export const PLAIN: Part = { cluster: 'basic', prometheus: stored, grafana: stored, loki: stored, promtail: { image: '' } };

const NOTHING: Part = {};
const row = (changes: readonly string[], on: Part, other: Part, without: Part = NOTHING): Row => ({ without, on, other, changes });
const set = (part: string) => `StatefulSet ${part}`;
const SETS = ['prometheus', 'grafana', 'loki'].map(set);
const POD_SETS = ['DaemonSet promtail', ...SETS];

/** Fields of one part of the spec. */
function of(part: string, fields: Readonly<Record<string, readonly [changes: readonly string[], on: unknown, other: unknown]>>): Readonly<Record<string, Row>> {
  const rows = Object.entries(fields).map(([field, [changes, on, other]]) => [
    `${part}.${field}`,
    row(changes, { [part]: { [field]: on } }, { [part]: { [field]: other } }),
  ]);
  return Object.fromEntries(rows) as Readonly<Record<string, Row>>; // sound: each is a pair
}

const resources = (workload: string) =>
  ({
    requests: [[workload], { cpu: '100m', memory: '1Gi' }, { cpu: '200m', memory: '1Gi' }],
    limits: [[workload], { cpu: '2' }, { memory: '3Gi' }],
  }) as const;
const repository = (part: string): string => (part === 'prometheus' ? 'prom/prometheus' : `grafana/${part}`);
const images = (workload: string, part: string) => [[workload], `${repository(part)}:v2`, `${repository(part)}:v3`] as const;
const tolerating = (key: string) => [{ key, operator: 'Exists', effect: 'NoSchedule' }];
const preferring = (key: string) => ({
  nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, preference: { matchExpressions: [{ key, operator: 'Exists' }] } }] },
});
const placed = (workloads: readonly string[]) =>
  ({
    tolerations: [workloads, tolerating('a'), tolerating('b')],
    priorityClassName: [workloads, 'system-node-critical', 'system-cluster-critical'],
  }) as const;
const scheduled = (part: string) =>
  ({
    image: images(set(part), part),
    ...resources(set(part)),
    ...placed([set(part)]),
    affinity: [[set(part)], preferring('a'), preferring('b')],
    nodeSelector: [[set(part)], { 'kubernetes.io/os': 'linux' }, { 'kubernetes.io/arch': 'amd64' }],
  }) as const;

function exposed(part: string): Readonly<Record<string, Row>> {
  const [named, service] = [[`Service ${part}`], (more: object) => ({ [part]: { service: { type: 'NodePort', ...more } } })];
  return {
    [`${part}.service.type`]: row(named, service({}), service({ type: 'LoadBalancer' })),
    // Who takes a node port out of a Service that keeps one has it until Kubernetes gives another: "any".
    [`${part}.service.httpPort`]: row(named, service({ httpPort: 30_080 }), service({ httpPort: 30_081 })),
    [`${part}.service.externalTrafficPolicy`]: row(named, service({ externalTrafficPolicy: 'Local' }), service({ externalTrafficPolicy: 'Cluster' })),
  };
}

const operators = (field: string, kind: string): Readonly<Record<string, Row>> => ({
  [`${field}.labels`]: row([`${kind} doris`], { [field]: { labels: { release: 'ours' } } }, { [field]: { labels: { team: 'us' } } }, { [field]: {} }),
});
const scraped = (field: string, kind: string): Readonly<Record<string, Row>> => ({
  ...operators(field, kind),
  [`${field}.interval`]: row([`${kind} doris`], { [field]: { interval: '30s' } }, { [field]: { interval: '1m' } }, { [field]: {} }),
});

/** Every field that can be set, edited and taken out again while the monitor is there. */
export const FIELDS: Readonly<Record<string, Row>> = {
  imagePullPolicy: row(POD_SETS, { imagePullPolicy: 'Always' }, { imagePullPolicy: 'Never' }),
  'imagePullSecrets.name': row(POD_SETS, { imagePullSecrets: [{ name: 'a' }] }, { imagePullSecrets: [{ name: 'b' }, { name: 'c' }] }),
  serviceAccount: row([set('grafana'), set('loki')], { serviceAccount: 'default' }, { serviceAccount: 'doris-monitor' }),
  nodeSelector: row(SETS, { nodeSelector: { 'kubernetes.io/os': 'linux' } }, { nodeSelector: { 'kubernetes.io/arch': 'amd64' } }),
  affinity: row(SETS, { affinity: preferring('a') }, { affinity: preferring('b') }),
  tolerations: row(POD_SETS, { tolerations: tolerating('a') }, { tolerations: tolerating('b') }),
  priorityClassName: row(POD_SETS, { priorityClassName: 'system-node-critical' }, { priorityClassName: 'system-cluster-critical' }),
  ...of('prometheus', { ...scheduled('prometheus'), retentionTime: [[set('prometheus')], '15d', '1h30m'] }),
  ...exposed('prometheus'),
  ...of('grafana', scheduled('grafana')),
  'grafana.adminUser': row(['Secret grafana-config'], { grafana: { adminUser: 'me' } }, { grafana: { adminUser: 'you' } }),
  'grafana.adminPassword': row(['Secret grafana-config'], { grafana: { adminPassword: 'hidden' } }, { grafana: { adminPassword: 'better hidden' } }),
  'grafana.adminPasswordFrom.name': row(['Secret grafana-config'], from({ name: 'first' }), from({ name: 'second' })),
  'grafana.adminPasswordFrom.key': row(['Secret grafana-config'], from({ key: 'password' }), from({ key: 'other' })),
  ...exposed('grafana'),
  ...of('loki', { ...scheduled('loki'), retentionTime: [['ConfigMap loki-config', set('loki')], '360h', '15d'] }),
  ...of('promtail', {
    image: images('DaemonSet promtail', 'promtail'),
    ...resources('DaemonSet promtail'),
    ...placed(['DaemonSet promtail']),
    nodeSelector: [['DaemonSet promtail'], { 'kubernetes.io/os': 'linux' }, { 'kubernetes.io/arch': 'amd64' }],
  }),
  'alloy.image': row(['ConfigMap alloy-config', 'DaemonSet alloy'], alloy({ image: '' }), alloy({ image: 'grafana/alloy:v2' }), alloy()),
  'alloy.requests': row(['DaemonSet alloy'], alloy({ requests: { cpu: '1' } }), alloy({ requests: { cpu: '2' } }), alloy({})),
  'alloy.limits': row(['DaemonSet alloy'], alloy({ limits: { cpu: '1' } }), alloy({ limits: { cpu: '2' } }), alloy({})),
  'alloy.nodeSelector': row(
    ['DaemonSet alloy'],
    alloy({ nodeSelector: { 'kubernetes.io/os': 'linux' } }),
    alloy({ nodeSelector: { 'kubernetes.io/arch': 'amd64' } }),
    alloy({}),
  ),
  'alloy.tolerations': row(['DaemonSet alloy'], alloy({ tolerations: tolerating('a') }), alloy({ tolerations: tolerating('b') }), alloy({})),
  'alloy.priorityClassName': row(
    ['DaemonSet alloy'],
    alloy({ priorityClassName: 'system-node-critical' }),
    alloy({ priorityClassName: 'system-cluster-critical' }),
    alloy({}),
  ),
  ...scraped('podMonitor', 'PodMonitor'),
  ...scraped('serviceMonitor', 'ServiceMonitor'),
  ...operators('prometheusRule', 'PrometheusRule'),
};

function from(more: object): Part {
  return { grafana: { adminPasswordFrom: { name: 'first', key: 'password', ...more } } };
}

function alloy(more?: object): Part {
  return { promtail: undefined, ...(more === undefined ? {} : { alloy: { image: '', ...more } }) };
}

const part = (name: string, objects: readonly string[], more: Part = {}): readonly [Part, readonly string[]] => [{ [name]: undefined, ...more }, objects];

/** Parts that go: with what they brought, and with what others had for them. Volumes stay. */
export const PARTS_OUT: Readonly<Record<string, readonly [Part, readonly string[]]>> = {
  prometheus: part('prometheus', ['ConfigMap grafana-secret', 'ConfigMap promtheus-config', 'Service prometheus', set('grafana'), set('prometheus')]),
  grafana: part('grafana', ['ConfigMap grafana-secret', 'Secret grafana-config', 'Service grafana', set('grafana')]),
  promtail: part('promtail', ['ConfigMap promtail-config', 'DaemonSet promtail']),
  loki: part(
    'loki',
    ['ConfigMap grafana-secret', 'ConfigMap loki-config', 'ConfigMap promtail-config', 'DaemonSet promtail', 'Service loki', set('grafana'), set('loki')],
    { promtail: undefined },
  ),
  disableLoki: [
    { disableLoki: true },
    ['ConfigMap grafana-secret', 'ConfigMap loki-config', 'ConfigMap promtail-config', 'DaemonSet promtail', 'Service loki', set('grafana'), set('loki')],
  ],
};

const of3 = (path: (part: string) => string, value: (part: string) => Part, what: RegExp): readonly Wrong[] =>
  ['prometheus', 'grafana', 'loki'].map((name) => [path(name), value(name), what]);

/** A path, what is wrong there, and what is said to be right. */
export type Wrong = readonly [field: string, value: Part, what: RegExp];

const reached = (name: string): readonly Wrong[] => {
  const service = (more: object) => ({ [name]: { service: { type: 'NodePort', ...more } } });
  return [
    [`${name}.service.type`, service({ type: 'nodeport' }), /"ClusterIP", "NodePort", "LoadBalancer"/],
    [`${name}.service.externalTrafficPolicy`, service({ externalTrafficPolicy: 'local' }), /"Cluster", "Local"/],
    [`${name}.service.httpPort`, service({ httpPort: 70_000 }), /between 1 and 65535/],
    [`${name}.service.httpPort`, service({ httpPort: -1 }), /between 1 and 65535/],
  ];
};

/** What could never be, and is refused at admission and, where nobody was there to refuse it, by a pass that writes nothing. */
export const WRONG: readonly Wrong[] = [
  ['cluster', { cluster: 'Basic' }, /small letters/],
  ['imagePullPolicy', { imagePullPolicy: 'always' }, /"Always", "IfNotPresent", "Never"/],
  ['imagePullSecrets[0].name', { imagePullSecrets: [{ name: 'A B' }] }, /small letters/],
  ['serviceAccount', { serviceAccount: 'My Account' }, /small letters/],
  ['storageClassName', { storageClassName: 'Fast_disks' }, /small letters/],
  ['nodeSelector', { nodeSelector: { 'a b': 'c' } }, /key of a label/],
  ['nodeSelector[a]', { nodeSelector: { a: 'b c' } }, /value of a label/],
  ...of3(
    (name) => `${name}.requests.storage`,
    (name) => ({ [name]: { requests: { storage: undefined } } }),
    /sizes the volume/,
  ),
  ...of3(
    (name) => `${name}.requests.storage`,
    (name) => ({ [name]: { requests: { storage: '0' } } }),
    /more than nothing/,
  ),
  ...of3(
    (name) => `${name}.storageClassName`,
    (name) => ({ [name]: { storageClassName: '-' } }),
    /small letters/,
  ),
  ['priorityClassName', { priorityClassName: 'High!' }, /small letters/],
  ...['prometheus', 'grafana', 'loki', 'promtail'].flatMap((name): readonly Wrong[] => [
    [`${name}.nodeSelector`, { [name]: { nodeSelector: { '/a': 'b' } } }, /key of a label/],
    [`${name}.priorityClassName`, { [name]: { priorityClassName: 'High!' } }, /small letters/],
    [`${name}.requests.memroy`, { [name]: { requests: { memroy: '1Gi' } } }, /"cpu", "memory"/],
    [`${name}.requests.cpu`, { [name]: { requests: { cpu: 'much' } } }, /./],
    [`${name}.limits.memory`, { [name]: { requests: { memory: '2Gi' }, limits: { memory: '1Gi' } } }, /requests\.memory, which is 2Gi/],
    [`${name}.limits.cpu`, { [name]: { limits: { cpu: '-1' } } }, /negative/],
  ]),
  ['alloy.nodeSelector[a]', alloy({ nodeSelector: { a: '-' } }), /value of a label/],
  ['alloy.priorityClassName', alloy({ priorityClassName: 'High!' }), /small letters/],
  ['alloy.requests.memroy', alloy({ requests: { memroy: '1Gi' } }), /"cpu", "memory"/],
  ['alloy.limits.cpu', alloy({ requests: { cpu: '2' }, limits: { cpu: '1' } }), /requests\.cpu, which is 2/],
  ...reached('prometheus'),
  ...reached('grafana'),
  ['grafana.service.httpPort', { prometheus: nodePort(30_090), grafana: nodePort(30_090) }, /spec\.prometheus\.service\.httpPort has this node port/],
  ['prometheus.retentionTime', { prometheus: { retentionTime: '15 days' } }, /15d/],
  ['loki.retentionTime', { loki: { retentionTime: '1.5h' } }, /15d/],
  ['grafana.adminPasswordFrom.name', from({ name: undefined }), /Secret/],
  ['grafana.adminPasswordFrom.key', from({ key: '' }), /key/],
  ['grafana.adminPasswordFrom.optional', from({ optional: true }), /take this out/],
  ['podMonitor.interval', { podMonitor: { interval: '30 s' } }, /15d/],
  ['podMonitor.labels', { podMonitor: { labels: { 'a b': 'c' } } }, /key of a label/],
  ['serviceMonitor.interval', { serviceMonitor: { interval: 'often' } }, /15d/],
  ['serviceMonitor.labels[a]', { serviceMonitor: { labels: { a: '-' } } }, /value of a label/],
  ['prometheusRule.labels', { prometheusRule: { labels: { '': 'c' } } }, /key of a label/],
  ['serviceMonitor', { podMonitor: {}, serviceMonitor: {} }, /twice/],
  ['alloy', { alloy: { image: '' } }, /twice/],
];

function nodePort(httpPort: number): Part {
  return { service: { type: 'NodePort', httpPort } };
}

/** What would have no effect: refused of a new monitor, and told to one that is there. */
export const IDLE: readonly Wrong[] = [
  ['prometheus.service.httpPort', { prometheus: { service: { httpPort: 30_090 } } }, /NodePort or LoadBalancer/],
  ['grafana.service.externalTrafficPolicy', { grafana: { service: { type: 'ClusterIP', externalTrafficPolicy: 'Local' } } }, /NodePort or LoadBalancer/],
  ...['prometheus', 'grafana', 'loki', 'promtail'].map((name): Wrong => [`${name}.claims`, { [name]: { claims: [{ name: 'gpu' }] } }, /take this out/]),
  ['alloy.claims', alloy({ claims: [{ name: 'gpu' }] }), /take this out/],
  ['podMonitor.labels[app.kubernetes.io/name]', { podMonitor: { labels: { 'app.kubernetes.io/name': 'mine' } } }, /its own value/],
];

/** Anything is right here, or somebody else judges it: images their registry, where pods may run Kubernetes. */
export const ANY_TEXT = [
  'prometheus.image',
  'grafana.image',
  'grafana.adminUser',
  'grafana.adminPassword',
  'loki.image',
  'promtail.image',
  'alloy.image',
  'disableLoki',
  ...['', 'prometheus.', 'grafana.', 'loki.'].map((at) => `${at}affinity`),
  ...['', 'prometheus.', 'grafana.', 'loki.', 'promtail.', 'alloy.'].map((at) => `${at}tolerations`),
];

/** What an edit may not do once it is there, and where it is shown. */
export const FIXED: readonly Wrong[] = [
  ['cluster', { cluster: 'other' }, /another DorisMonitor/],
  ['storageClassName', { storageClassName: 'slow' }, /fixed once/],
  ...of3(
    (name) => `${name}.storageClassName`,
    (name) => ({ [name]: { storageClassName: 'slow' } }),
    /fixed once/,
  ),
  ...of3(
    (name) => `${name}.requests.storage`,
    (name) => ({ [name]: { requests: { storage: '1' } } }),
    /grow and not shrink/,
  ),
];
