import type { Json } from './step.ts';

/** What a kind is made of: something valid, and values worth trying in it. */
export interface KindUnderTest {
  readonly base: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly valid: Json;
  /** Paths below the object and values to put there; `undefined` removes. Valid and broken ones. */
  readonly knobs: readonly (readonly [path: string, values: readonly Json[]])[];
  readonly scale?: boolean;
  /** Bodies for what is done by a POST to a part of an object, by the part's name. */
  readonly posts?: Readonly<Record<string, readonly Json[]>>;
  readonly status?: readonly Json[];
  /** Field selectors worth trying beside those of all kinds. */
  readonly fields?: readonly string[];
}

/** Labels of what a script makes. */
export const labels = { app: 'x' };
/** A pod that is valid, and a template of one. */
export const pod = {
  metadata: { labels },
  spec: { containers: [{ name: 'main', image: 'local/image:1' }] },
};
/** Values worth trying in it. */
export const POD_KNOBS: KindUnderTest['knobs'] = [
  ['spec.containers.0.image', ['local/image:2', 'local/image', '']],
  ['spec.containers.0.name', ['other', 'Not_A_Name', '']],
  ['spec.containers.0.imagePullPolicy', ['Always', 'Never', 'Sometimes']],
  [
    'spec.containers.0.env',
    [
      [{ name: 'A', value: '1' }],
      [
        { name: 'A', value: '1' },
        { name: 'B', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      ],
      [{ value: '1' }],
      [],
    ],
  ],
  [
    'spec.containers.0.ports',
    [
      [{ containerPort: 80 }],
      [
        { containerPort: 80, name: 'http' },
        { containerPort: 81, name: 'https', protocol: 'TCP' },
      ],
      [{ containerPort: 0 }],
      [{ containerPort: 70000 }],
    ],
  ],
  [
    'spec.containers.0.resources',
    [
      { requests: { cpu: '100m', memory: '1Gi' } },
      { requests: { cpu: 1 }, limits: { cpu: '2000m' } },
      { requests: { cpu: '2' }, limits: { cpu: '1' } },
      { requests: { cpu: 'lots' } },
    ],
  ],
  ['spec.containers.0.securityContext', [{ runAsNonRoot: true }, { runAsUser: -1 }]],
  [
    'spec.containers',
    [
      [],
      null,
      [
        { name: 'main', image: 'i' },
        { name: 'main', image: 'j' },
      ],
      [
        { name: 'main', image: 'i' },
        { name: 'side', image: 'j' },
      ],
    ],
  ],
  ['spec.restartPolicy', ['Always', 'Never', 'OnFailure', 'Sometimes']],
  ['spec.terminationGracePeriodSeconds', [0, 5, -1, 'five']],
  ['spec.nodeSelector', [{ a: 'b' }, { a: 1 }]],
  ['spec.serviceAccountName', ['default']],
  ['spec.hostNetwork', [true, false]],
  ['spec.dnsPolicy', ['Default', 'None', 'Sometimes']],
  ['spec.tolerations', [[{ key: 'a', operator: 'Exists' }], [{ key: 'a', operator: 'Sometimes' }]]],
  [
    'spec.volumes',
    [
      [{ name: 'v', emptyDir: {} }],
      [{ name: 'v', configMap: { name: 'a' } }],
      [{ name: 'V_', emptyDir: {} }],
      [
        { name: 'v', emptyDir: {} },
        { name: 'v', emptyDir: {} },
      ],
    ],
  ],
  ['spec.activeDeadlineSeconds', [10, 0]],
];
/** Knobs of a part of an object. */
export const within = (path: string, knobs: KindUnderTest['knobs']): KindUnderTest['knobs'] => knobs.map(([at, values]) => [`${path}.${at}`, values]);
