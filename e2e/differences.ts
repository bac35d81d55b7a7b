import listed from './differential/listed.json' with { type: 'json' };
import type { Step } from './differential/step.ts';

/** A conformance case that fails on a real API server, and why that is right. */
export interface CaseDifference {
  /** Name of the case. */
  readonly case: string;
  /** Versions of Kubernetes on which it fails. Absent: on all. */
  readonly versions?: readonly string[];
  readonly reason: string;
}

/** An answer of ours that differs from Kubernetes' own, and why it stays so. */
export interface AnswerDifference {
  /** As the differential test names it. */
  readonly signature: RegExp;
  readonly reason: string;
  /** Shows it: a listed difference that no longer shows is one to take off the list. */
  readonly example: readonly Step[];
}

/** What our controllers do otherwise than the real ones, and why it stays so. */
export interface TraceDifference {
  /** Of the name of a story. */
  readonly story: RegExp;
  /** Of what differs, as `e2e/traces` tells it. */
  readonly what: RegExp;
  readonly reason: string;
}

/** Cases of `e2e/conformance`. */
export const conformance: readonly CaseDifference[] = [
  {
    case: '49. what a definition must be, and what of it never changes',
    versions: ['1.30'],
    reason: 'its words for a storage version that is taken away are others',
  },
  {
    case: '56. how a definition may have its objects converted',
    versions: ['1.30'],
    reason: 'it shows review versions that nobody speaks in the words of Go',
  },
  { case: '51. all that is wrong is told at once, each with its path', versions: ['1.30'], reason: 'it shows a doubled element of a list in the words of Go' },
  {
    case: '51. the Service of a new StatefulSet has a name that a host can have',
    versions: ['1.30'],
    reason: 'it does not look at the name of the Service',
  },
  {
    case: '52. rules in CEL: of one state, of a change, with their own words, path and reason',
    versions: ['1.30'],
    reason: 'it names the type of what breaks a rule where newer versions show the value',
  },
  {
    case: '11. a stale version is a conflict; without one a ConfigMap is replaced, a custom resource, a Lease and a PodDisruptionBudget are not',
    versions: ['1.30'],
    reason: 'it writes the missing version as 0x0',
  },
  { case: '19. uid, name and the times of an object are not the client’s to change', versions: ['1.30'], reason: 'it shows a time in the words of Go' },
  {
    case: '71. an address is one of the cluster’s; a dry run takes none, so that one that is taken will do, and a name that no address can have is only a wrong name',
    versions: ['1.30'],
    reason: 'its addresses are no objects: a foreign one is refused in other words, and a name is only a name',
  },
  {
    case: '69. a job that works is complete, with its times; its pods carry its labels and are let go when counted',
    versions: ['1.30'],
    reason: 'it has no SuccessCriteriaMet before Complete',
  },
  {
    case: '69. a job whose pods fail gives up at its limit',
    versions: ['1.30'],
    reason: 'it has no FailureTarget before Failed unless a failure policy asks for it',
  },
  {
    case: '69. a success policy ends a job before all its indexes are done',
    versions: ['1.30'],
    reason: 'success policies are behind a feature gate that is off',
  },
  {
    case: '52. a rule that could cost too much is refused with its definition, and told by how much',
    versions: ['1.30'],
    reason: 'one of the rules costs less there than newer versions estimate, and is taken',
  },
  {
    case: '24. WatchList: first all that is there, then a bookmark that says so, then changes',
    versions: ['1.30'],
    reason: 'streaming lists are behind a feature gate that is off',
  },
  {
    case: '57. selectable fields of a custom kind select in lists, watches and deletions; other fields are refused',
    versions: ['1.30'],
    reason: 'selectable fields are behind a feature gate that is off',
  },
];

/** Cases that fail where the real kube-controller-manager works on the sandbox's API server, with its node. */
export const realControllers: readonly CaseDifference[] = [];

/** Met by `e2e/traces`. */
export const traces: readonly TraceDifference[] = [
  {
    story: /claim|StatefulSet/,
    what: /^never: PersistentVolumeClaim\/\S+ metadata\.annotations\.volume\.(beta\.)?kubernetes\.io\/storage-provisioner = /,
    reason: 'The annotations ask somebody outside for a volume (pkg/controller/volume/persistentvolume, setClaimProvisioner); the sandbox makes it itself.',
  },
  {
    story: /^a Deployment is paused/,
    what: /Deployment\/d status\.conditions\[Progressing\]\.(reason = NewReplicaSetCreated|message = Created new replica set|status = True \(2\))/,
    reason:
      'Resumed, the real controller writes its status twice from one reading, and what it says of the new ReplicaSet is lost to the conflict (checkPausedConditions, getNewReplicaSet); ours says it.',
  },
  {
    story: /^a namespace is deleted/,
    what: /NamespaceContentRemaining/,
    reason:
      'While pods are left the real controller says that all content is removed, since it counts only after they are gone (deleteAllContent); ours says what is left.',
  },
  {
    story: /^an autoscaler/,
    what: /HorizontalPodAutoscaler\/h status\.conditions\[ScalingActive\]\.message = the HPA was unable to compute the replica count: failed to get cpu utilization: /,
    reason:
      'The real controller asks an API for metrics that is not there; to the sandbox pods say themselves what they use, and it tells what of that is missing.',
  },
  {
    story: /^a Service/,
    what: /endpoints\.kubernetes\.io\/last-change-trigger-time/,
    reason: 'The annotation is there to measure how long the real controllers take (pkg/controller/util/endpoint/trigger_time_tracker.go); nothing acts on it.',
  },
];

/** Answers met by `e2e/differential`. */
// Sound: the file is the list, and each example is played.
export const differential = listed.map((one) => ({ ...one, signature: new RegExp(one.signature) })) as readonly AnswerDifference[];
