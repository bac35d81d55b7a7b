import { invalid as fieldInvalid } from '@binnacle/schema';
import type { FieldError } from '@binnacle/schema';
import { equal } from '../../objects/json.ts';
import { strategyOf } from '../../objects/registry/index.ts';
import type { Env, Strategy } from '../../objects/registry/index.ts';
import type { Served } from '../catalog/served.ts';
import type { Core } from '../core/core.ts';
import { definitionRules } from '../crd/definition-rules.ts';
import { DEFINITIONS } from '../crd/definition.ts';
import { customRules } from '../crd/rules.ts';
import { record, withMetadata, without } from '../object.ts';
import type { ApiObject } from '../object.ts';
import { addressAllocation, ALREADY_ALLOCATED, takenErrors } from './service-allocation.ts';

/** What a kind does with objects that are written: filling in, keeping back what a request may not write, checking. */
export interface Rules {
  readonly hasGeneration: boolean;
  readonly hasStatus: boolean;
  /** A PUT to an object that is not there makes it. */
  readonly allowCreateOnUpdate: boolean;
  /** A PUT need not say which version it replaces. */
  readonly allowUnconditionalUpdate: boolean;
  /** What a request says once it is read: canonical forms and defaults, nothing of the cluster's. */
  decode(object: ApiObject): ApiObject;
  prepareForCreate(object: ApiObject): ApiObject;
  /** `subresource`: `''` for the object itself. Counts the generation where the kind does. */
  prepareForUpdate(next: ApiObject, before: ApiObject, subresource: string): ApiObject;
  /** `dryRun`: addresses that others have are given out, since nothing is. */
  validateCreate(object: ApiObject, dryRun: boolean): readonly FieldError[];
  /** `warn`: what is wrong and was so before. */
  validateUpdate(next: ApiObject, before: ApiObject, subresource: string, warn: (text: string) => void): readonly FieldError[];
  /** What is odd and allowed, of an object that is right. `before`: of a change. */
  warnings(object: ApiObject, before: ApiObject | undefined, subresource: string): readonly string[];
}

/** Made once a served resource: a changed CRD makes a new one. */
const known = new WeakMap<Core, WeakMap<Served, Rules>>();

/** The rules of a served kind, the same object on every call. */
export function rulesOf(core: Core, served: Served): Rules {
  let ofCore = known.get(core);
  if (ofCore === undefined) known.set(core, (ofCore = new WeakMap()));
  let rules = ofCore.get(served);
  if (rules === undefined) ofCore.set(served, (rules = makeRules(core, served)));
  return rules;
}

function makeRules(core: Core, served: Served): Rules {
  if (served.custom !== undefined) return customRules(served.custom);
  const rules = builtinRules(core, served, strategyOf(served));
  return served.bucket === DEFINITIONS ? definitionRules(rules) : rules;
}

/** The registry's strategies speak of plain JSON; what they make of an object of a kind is an object of that kind. */
function builtinRules(core: Core, served: Served, strategy: Strategy): Rules {
  // What is somebody else's is seen in the store alone.
  const taken = (object: ApiObject, before: ApiObject | undefined) => (served.bucket === 'services' ? takenErrors(core.store, object, before) : []);
  return {
    hasGeneration: strategy.hasGeneration,
    hasStatus: strategy.hasStatus,
    allowCreateOnUpdate: strategy.allowCreateOnUpdate,
    allowUnconditionalUpdate: strategy.allowUnconditionalUpdate,
    decode: (object) => strategy.decode(object) as ApiObject,
    warnings: (object, before, subresource) => strategy.warnings(object, before, subresource),
    prepareForCreate: (object) => strategy.prepareForCreate(object, envOf(core)) as ApiObject,
    prepareForUpdate(next, before, subresource) {
      const prepared = strategy.prepareForUpdate(next, before, { subresource, env: envOf(core) }) as ApiObject;
      return strategy.hasGeneration && subresource === '' ? counted(served, prepared, before) : prepared;
    },
    validateCreate(object, dryRun) {
      const errors = strategy.validate(object, undefined);
      return served.bucket === 'services' ? newServiceErrors(object, errors, taken(object, undefined), dryRun) : errors;
    },
    validateUpdate(next, before, subresource) {
      const errors = strategy.validate(next, before, subresource);
      return served.bucket === 'services' && subresource === '' ? changedServiceErrors(next, errors, taken(next, before)) : [...errors, ...taken(next, before)];
    },
  };
}

/** Of a Service and its addresses. */
const ADDRESS_FIELDS = /^spec\.(clusterIPs?|ipFamilies|ipFamilyPolicy)\b/;

/**
 * A new Service has its addresses before anything else is looked at: where it gets none, nothing else is told. An address is itself an object, which names its
 * Service. Source: pkg/registry/core/service/storage/{storage,alloc}.go, `beginCreate`.
 */
function newServiceErrors(service: ApiObject, errors: readonly FieldError[], taken: readonly FieldError[], dryRun: boolean): readonly FieldError[] {
  const spec = record(service['spec']);
  if (spec['type'] === 'ExternalName') return errors; // it gets none
  const wrong = errors.filter(({ field }) => ADDRESS_FIELDS.test(field));
  if (wrong.length > 0) return wrong;
  if (dryRun) {
    const unfit = taken.filter(({ message }) => !message.endsWith(ALREADY_ALLOCATED));
    return unfit.length > 0 ? unfit : errors;
  }
  const name = service.metadata.name ?? '';
  const unfit = name === '' || name === '.' || name === '..' || /[/%]/.test(name);
  if (unfit && spec['clusterIP'] !== 'None')
    return [
      fieldInvalid('spec.clusterIPs', spec['clusterIPs'] ?? null, `failed to allocate IP: no IPAddress can belong to a Service called ${JSON.stringify(name)}`),
    ];
  return taken.length > 0 ? taken : errors;
}

/** So is a Service that is changed: where its addresses are wrong, nothing else is told. Source: as above, `beginUpdate`. */
function changedServiceErrors(service: ApiObject, errors: readonly FieldError[], taken: readonly FieldError[]): readonly FieldError[] {
  if (record(service['spec'])['type'] === 'ExternalName') return errors; // it gets none
  // That an address may not change is a rule of the Service like others.
  const wrong = errors.filter(({ field, message }) => ADDRESS_FIELDS.test(field) && !/may not change once set$|can not be unset$/.test(message));
  return wrong.length > 0 ? wrong : [...errors, ...taken];
}

/** Changes of what is wanted count; those of metadata and status do not, but for two kinds (spec/sandbox.md §2.2). */
function counted(served: Served, next: ApiObject, before: ApiObject): ApiObject {
  const wanted = (object: ApiObject) => without(atRest(served, object), 'metadata', 'status');
  const labels = served.bucket === 'endpointslices.discovery.k8s.io' && !equal(next.metadata.labels ?? {}, before.metadata.labels ?? {});
  // Those of a Deployment are copied to its ReplicaSets. Source: pkg/registry/apps/deployment/strategy.go, `PrepareForUpdate`.
  const annotations = served.bucket === 'deployments.apps' && !equal(next.metadata.annotations ?? {}, before.metadata.annotations ?? {});
  if (!labels && !annotations && equal(wanted(next), wanted(before))) return next;
  return withMetadata(next, { generation: (before.metadata.generation ?? 0) + 1 });
}

/** An object as it is stored: of a custom kind as it is. */
export function atRest(served: Served, object: ApiObject): ApiObject {
  // Sound: it says the same in another way.
  return served.custom === undefined ? (strategyOf(served).atRest({ ...object }) as ApiObject) : object;
}

const DEFAULT_CLASS = 'storageclass.kubernetes.io/is-default-class';

/** For one preparation: what is given out in it is given once. */
function envOf(core: Core): Env {
  const addresses = addressAllocation(core.store);
  return {
    now: core.clock.now(),
    random: () => core.chance.random(),
    allocateClusterIP: addresses.clusterIP,
    allocateNodePort: addresses.nodePort,
    defaultStorageClass() {
      const classes = core.store.list('storageclasses.storage.k8s.io', '').map((entry) => entry.object);
      const marked = classes.filter((candidate) => record(candidate.metadata.annotations)[DEFAULT_CLASS] === 'true');
      // Of several the newest wins, as in Kubernetes.
      return marked.toSorted((a, b) => (a.metadata.creationTimestamp! < b.metadata.creationTimestamp! ? 1 : -1))[0]?.metadata.name;
    },
  };
}
