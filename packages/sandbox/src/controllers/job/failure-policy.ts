import type { DeepReadonly, Live } from '@binnacle/client';
import type { Job, Pod, PodFailurePolicyRule } from '@binnacle/client/kinds';

type LivePod = Live<typeof Pod>;
type Rule = DeepReadonly<PodFailurePolicyRule>;

/** What a Job makes of a pod that failed: `Count` is what happens without a rule. `why`: of `FailJob`, for its condition. */
export interface Verdict {
  readonly action: 'FailJob' | 'FailIndex' | 'Ignore' | 'Count';
  readonly why: string;
}

const COUNT: Verdict = { action: 'Count', why: '' };

/** By its failure policy; of several rules the first that matches decides. */
export function verdictOn(job: Live<typeof Job>, pod: LivePod): Verdict {
  for (const [index, rule] of (job.spec?.podFailurePolicy?.rules ?? []).entries()) {
    const what = matching(rule, pod);
    if (what === undefined) continue;
    // Sound: the API server takes these four.
    return { action: rule.action as Verdict['action'], why: `${what} matching ${rule.action} rule at index ${index}` };
  }
  return COUNT;
}

/** What of a pod a rule is about, in Kubernetes' words; `undefined`: nothing. */
function matching({ onExitCodes, onPodConditions }: Rule, pod: LivePod): string | undefined {
  const { namespace, name } = pod.metadata;
  if (onExitCodes !== undefined) {
    const { containerName, operator, values } = onExitCodes;
    const found = endedContainers(pod).find(
      (one) => one.exitCode !== 0 && (containerName === undefined || containerName === one.name) && values.includes(one.exitCode) === (operator === 'In'),
    );
    return found && `Container ${found.name} for pod ${namespace}/${name} failed with exit code ${found.exitCode}`;
  }
  const has = (type: string, status: string) => pod.status?.conditions?.some((one) => one.type === type && one.status === status) === true;
  const found = onPodConditions?.find(({ type, status = 'True' }) => has(type, status));
  return found && `Pod ${namespace}/${name} has condition ${found.type}`;
}

function endedContainers({ status }: LivePod): readonly { readonly name: string; readonly exitCode: number }[] {
  const all = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  return all.flatMap(({ name, state }) => (state?.terminated === undefined ? [] : [{ name, exitCode: state.terminated.exitCode }]));
}
